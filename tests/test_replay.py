"""Repeat one schedule, from its string."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab import Mutex, Refcount, Scenario, ScenarioError, explore, replay
from kvmlab.replay import numbers_of
from kvmlab.verdict import replay_string
from tests.oracles.waiters import WAITERS


class World:
    def __init__(self) -> None:
        self.m = Mutex()
        self.count = Refcount()


def section(w: World) -> None:
    with w.m:
        pass


def many(w: World) -> None:
    for _ in range(200):
        w.count.inc()


TWO = Scenario(World, section, section)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([0], "1"),
        ([2, 0, 0, 1], "3-1-1-2"),
        ([0, 0, 0], "1-1-1"),
        ([0, 0, 0, 0], "1x4"),
        ([1] * 300, "2x300"),
        ([0] * 3 + [9] * 5 + [0], "1-1-1-10x5-1"),
    ],
)
def test_a_schedule_is_a_string_and_back(numbers: list[int], text: str) -> None:
    assert replay_string(numbers) == text
    assert numbers_of(text) == numbers


def test_a_string_may_have_space_around_it() -> None:
    assert numbers_of(" 1-2 \n") == [0, 1]


@pytest.mark.parametrize("text", ["0", "-1", "1-", "1--2", "a", "1,2", "1x0", "1x", "x3", "1-2x-3", "01", "1 2", "٣"])
def test_a_malformed_string_is_refused_with_the_part_that_is_wrong(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"in the schedule '.*' is no task: use task numbers from 1 joined by '-'"):
        replay(TWO, text)


@pytest.mark.parametrize("wrong", [None, 3, [1, 2], b"1"])
def test_anything_but_a_string_is_refused(wrong: Any) -> None:
    with pytest.raises(ScenarioError, match='a schedule is a string such as "3-1-1-2", not '):
        replay(TWO, wrong)


def test_anything_but_a_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"replay takes a Scenario, not <class .*World'>: write replay"):
        replay(World, "1")  # type: ignore[arg-type]


def test_a_task_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(ScenarioError, match="the schedule moves task 3, but the tasks are 1 section 1, 2 section 2"):
        replay(TWO, "1-3")


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("1-2", "at position 2 it moves task 2, but section 2 had to wait in lock of m, for section 1"),
        ("1-1-1", "at position 3 it moves task 1, but section 1 had already ended"),
    ],
)
def test_a_schedule_that_does_not_fit_says_where_and_why(schedule: str, why: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        replay(TWO, schedule)
    assert str(caught.value) == (
        f"the schedule does not fit this scenario: {why}. "
        "A schedule belongs to one program; explore this one again to get its own."
    )


def test_a_schedule_that_goes_on_after_a_failure_does_not_fit() -> None:
    def wrong(w: World) -> None:
        w.m.unlock()

    with pytest.raises(ScenarioError, match="the run had already failed: wrong raised LockError"):
        replay(Scenario(World, wrong, section), "1-2")


def test_a_beginning_says_who_could_move_next() -> None:
    run = replay(TWO, "1")
    assert (run.verdict, run.movable) == ("not finished", ("section 1",))
    assert str(run) == "Not finished: the schedule ended; next could be section 1."
    assert replay(TWO, "").movable == ("section 1", "section 2")


def test_a_whole_schedule_finishes() -> None:
    run = replay(TWO, "2-2-1-1")
    assert (run.verdict, run.schedule.replay) == ("finished", "2-2-1-1")
    assert str(run) == "Finished: every task came to its end."


def test_a_schedule_object_can_be_given_as_it_is() -> None:
    schedule = replay(TWO, "1-1-2").schedule
    assert replay(TWO, schedule).schedule == schedule


def test_a_long_run_of_one_task_is_folded() -> None:
    run = replay(Scenario(World, many), "1x200")
    assert (run.verdict, run.schedule.replay, len(run.schedule)) == ("finished", "1x200", 200)


def test_a_failure_before_the_first_operation_is_seen_by_the_empty_schedule() -> None:
    def wrong(w: World) -> None:
        raise ValueError("at once")

    assert replay(Scenario(World, section, wrong), "").failures[0].message == "wrong raised ValueError: at once"


def test_what_explore_finds_can_be_replayed_from_its_string_alone() -> None:
    def ab(w: World) -> None:
        with w.m, w.n:  # type: ignore[attr-defined]
            pass

    def ba(w: World) -> None:
        with w.n, w.m:  # type: ignore[attr-defined]
            pass

    class Two(World):
        def __init__(self) -> None:
            super().__init__()
            self.n = Mutex()

    found = explore(Scenario(Two, ab, ba))
    assert replay(Scenario(Two, ab, ba), found.deadlocks[0].replay).deadlock == found.deadlocks[0]


def test_a_schedule_is_repeated_with_the_notify_order_that_it_was_found_with() -> None:
    assert explore(WAITERS).failures == ()
    failure = explore(WAITERS, notify_order="any").failures[0]
    assert replay(WAITERS, failure.schedule).failures == (failure,)
    assert replay(WAITERS, failure.replay, notify_order="any").failures == (failure,)
    for order in (None, "fifo"):
        with pytest.raises(ScenarioError, match="had to wait in wake"):
            replay(WAITERS, failure.replay, notify_order=order)


def test_the_notify_order_that_is_asked_for_counts() -> None:
    schedule = explore(WAITERS, notify_order="any").failures[0].schedule
    with pytest.raises(ScenarioError, match="had to wait in wake"):
        replay(WAITERS, schedule, notify_order="fifo")


def test_a_notify_order_that_there_is_not_is_refused() -> None:
    with pytest.raises(ScenarioError, match='notify_order is "fifo" or "any", not \'lifo\''):
        replay(WAITERS, "1", notify_order="lifo")


def holds(w: World) -> None:
    w.m.lock()
    w.m.unlock()


def spins(w: World) -> None:
    while not w.m.trylock():
        pass
    w.m.unlock()


SPINNING = Scenario(World, holds, spins)


def test_a_loop_without_end_is_repeated_with_the_budget_that_it_was_found_with() -> None:
    for budget in ({"max_operations": 8}, {}):
        (failure,) = explore(SPINNING, **budget).failures
        assert failure.kind == "endless"
        assert replay(SPINNING, failure.schedule).failures == (failure,)
        assert replay(SPINNING, failure.replay, **budget).failures == (failure,)
    assert explore(SPINNING, max_operations=8).failures[0].schedule.how_to_repeat == (
        'replay(…, "1-2x8", max_operations=8) repeats it.'
    )
    assert replay(SPINNING, "1-2x8").verdict == "not finished"


@pytest.mark.parametrize("budget", [0, -1, True, 1.5, "8"])
def test_a_budget_that_is_no_number_is_refused(budget: Any) -> None:
    with pytest.raises(ScenarioError, match="max_operations is a whole number from 1, not "):
        replay(SPINNING, "1", max_operations=budget)
