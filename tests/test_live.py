"""Threads under a monitor: a deadlock is reported at once, and a schedule can be forced."""

from __future__ import annotations

import random
import threading
import time

import pytest

from kvmlab import Completion, Mutex, PercpuRwsem, Scenario, ScenarioError, explore, replay, run, state_graph
from kvmlab.live import LiveRun
from tests.oracles.programs import larger_program, program
from tests.oracles.waiters import WAITERS


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()
        self.sem = PercpuRwsem()
        self.done = Completion()
        self.said: list[str] = []


def ab(w: World) -> None:
    with w.a, w.b:
        pass


def ba(w: World) -> None:
    with w.b, w.a:
        pass


OPPOSITE = Scenario(World, ab, ba)


def test_every_task_is_a_thread_of_its_own_and_all_have_ended_afterwards() -> None:
    idents: set[int] = set()

    def who(w: World) -> None:
        with w.a:
            idents.add(threading.get_ident())

    before = threading.active_count()
    assert run(Scenario(World, who, who, who)).verdict == "finished"
    assert len(idents | {threading.get_ident()}) >= 2
    assert threading.active_count() == before


def test_a_deadlock_is_reported_at_once_without_a_timeout() -> None:
    start = time.perf_counter()
    for _ in range(20):
        found = run(OPPOSITE, "1-2")
        assert found.verdict == "deadlock"
    assert time.perf_counter() - start < 2
    assert found.deadlock is not None
    assert found.deadlock.waits == (("ab", "b", ("ba",)), ("ba", "a", ("ab",)))
    assert {task: line.text for task, line in found.deadlock.lines.items()} == {
        "ab": "with w.a, w.b:", "ba": "with w.b, w.a:"
    }  # fmt: skip


def test_waiting_for_nobody_is_a_deadlock_too() -> None:
    def waits(w: World) -> None:
        w.done.wait()

    found = run(Scenario(World, waits, ab))
    assert found.verdict == "deadlock"
    assert found.deadlock is not None
    assert found.deadlock.waits == (("waits", "done", ()),)


def test_the_tasks_of_a_deadlock_are_unwound_without_releasing_anything() -> None:
    found = LiveRun(OPPOSITE, [0, 1], 100)
    found.go()
    assert found.deadlock is not None
    assert (found.world.a.value, found.world.b.value) == ("ab", "ba")
    assert not any(task.thread.is_alive() for task in found.fibers)


def test_a_schedule_is_followed_to_its_end_and_then_everybody_is_free() -> None:
    assert run(OPPOSITE, "2-2-2-2-1-1-1-1").schedule.replay == "2x4-1x4"
    assert run(OPPOSITE, "2-2").schedule[0].task == "ba"
    assert run(OPPOSITE, "").verdict in {"finished", "deadlock"}


def test_under_a_schedule_plain_data_change_in_its_order_too() -> None:
    """Only one task runs at a time: what happens between two operations is never at the same time."""

    def says(w: World, name: str) -> None:
        w.said.append(f"{name} begins")
        with w.a:
            w.said.append(f"{name} inside")
            print(w.said)

    def first(w: World) -> None:
        says(w, "first")

    def second(w: World) -> None:
        says(w, "second")

    for _ in range(50):
        assert run(Scenario(World, first, second), "2-2-1-1").output == (
            "['first begins', 'second begins', 'second inside']\n"
            "['first begins', 'second begins', 'second inside', 'first inside']\n"
        )


def test_under_a_schedule_the_one_who_fails_is_the_one_whose_turn_it_was() -> None:
    """Both tasks fail after their first operation; the schedule decides whose failure it is."""

    def fails(w: World) -> None:
        w.sem.read_lock()
        raise ValueError("mine")

    scenario = Scenario(World, fails, fails)
    for _ in range(50):
        assert run(scenario, "2").failures[0].task == "fails 2"
        assert run(scenario, "1").failures[0].task == "fails 1"


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("1-2-1", "at position 3 it moves task 1, but ab had to wait in lock of b"),
        ("1-1-1-1-1", "at position 5 it moves task 1, but ab had already ended"),
        ("1x4-2x4-2", "at position 9 it moves task 2, but ba had already ended"),
        ("1-3", "at position 2 it moves task 3, but there are only 2 tasks"),
    ],
)
def test_a_schedule_that_does_not_fit_says_where_and_why(schedule: str, why: str) -> None:
    before = threading.active_count()
    with pytest.raises(ScenarioError) as caught:
        run(OPPOSITE, schedule)
    assert str(caught.value) == (
        f"the schedule does not fit this scenario: {why}. "
        "A schedule belongs to one program; explore this one again to get its own."
    )
    assert threading.active_count() == before


def test_a_malformed_call_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"run takes a Scenario, not <class .*World'>: write run\(Scenario"):
        run(World)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError, match="is no task"):
        run(OPPOSITE, "1-a")
    with pytest.raises(ScenarioError, match="max_operations is a whole number from 1, not 0"):
        run(OPPOSITE, max_operations=0)


def test_a_task_that_raises_ends_the_run_and_names_its_line() -> None:
    def raises(w: World) -> None:
        with w.a:
            raise KeyError("gone")

    found = run(Scenario(World, raises, ab))
    assert found.verdict == "failed"
    assert found.failures[0].message == "raises raised KeyError: 'gone'"
    assert found.failures[0].location is not None
    assert found.failures[0].location.text == 'raise KeyError("gone")'


def test_an_unlock_by_another_is_named() -> None:
    def thief(w: World) -> None:
        w.a.unlock()

    found = run(Scenario(World, ab, thief), "1-2")
    assert found.failures[0].message == "thief raised LockError: thief unlocks a without holding it: ab holds it."


def test_a_task_that_ends_with_a_lock_fails_at_the_line_that_took_it() -> None:
    def forgets(w: World) -> None:
        w.a.lock()

    found = run(Scenario(World, forgets))
    assert (found.failures[0].kind, found.failures[0].lock) == ("held", "a")
    assert found.failures[0].location is not None
    assert found.failures[0].location.text == "w.a.lock()"


def test_a_task_that_waits_by_trying_again_is_endless() -> None:
    def tries(w: World) -> None:
        while not w.a.trylock():
            pass

    def keeps(w: World) -> None:
        w.a.lock()
        w.done.wait()

    found = run(Scenario(World, keeps, tries), "1", max_operations=50)
    assert found.verdict == "failed"
    assert found.failures[0].message.startswith("tries has done 50 operations and has not ended: does a loop wait by")


def test_ctrl_c_while_a_run_waits_ends_it_and_its_threads() -> None:
    before = threading.active_count()

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    def waits(w: World) -> None:
        w.said.append("started")
        while True:
            with w.a:
                pass

    live = LiveRun(Scenario(World, waits, waits), None, 10**9)
    live._all_ended = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        live.go()
    for task in live.fibers:
        task.thread.join(5)
    assert threading.active_count() == before


def test_what_tasks_print_is_kept_with_the_run() -> None:
    def says(w: World) -> None:
        print("hello")

    found = run(Scenario(World, says))
    assert found.output == "hello\n"
    assert str(found) == "Finished: every task came to its end.\n\nThe tasks printed:\n  hello"


def test_without_a_schedule_the_circle_practically_never_closes_but_every_outcome_is_one_of_the_schedules() -> None:
    graph = state_graph(OPPOSITE)
    for _ in range(50):
        found, state = run(OPPOSITE), 0
        for step in found.schedule:
            state = graph.moves[graph.tasks.index(step.task)][state]
        assert graph.kinds[state] == {"finished": "done", "deadlock": "dead"}[found.verdict]


@pytest.mark.parametrize("first", range(0, 600, 60))
def test_a_forced_run_comes_to_the_same_as_a_replay(first: int) -> None:
    """Random programs, random whole schedules from their graphs: 1,200 runs on threads."""
    for seed in range(first, first + 60):
        one = (program if seed % 3 else larger_program)(20_000 + seed)
        rng, graph = random.Random(seed), state_graph(one.scenario)
        for _ in range(2):
            state, way = 0, []
            while graph.kinds[state] == "open":
                task = rng.choice([task for task, column in enumerate(graph.moves) if column[state] >= 0])
                state = graph.moves[task][state]
                way.append(str(task + 1))
            schedule = "-".join(way)
            expected, found = replay(one.scenario, schedule), run(one.scenario, schedule)
            assert found == expected, one
            assert expected.verdict == {"done": "finished", "dead": "deadlock"}.get(graph.kinds[state], "failed"), one


def test_what_explore_finds_happens_on_threads() -> None:
    for seed in range(200):
        one = program(30_000 + seed)
        found = explore(one.scenario)
        for deadlock in found.deadlocks:
            assert run(one.scenario, deadlock.schedule).deadlock == deadlock, one
        for failure in found.failures:
            assert failure in run(one.scenario, failure.schedule).failures, one


def test_a_schedule_is_forced_with_the_notify_order_that_it_was_found_with() -> None:
    failure = explore(WAITERS, notify_order="any").failures[0]
    happened = run(WAITERS, failure.schedule)
    assert happened.failures == (failure,)
    assert replay(WAITERS, happened.schedule).failures == (failure,)
    with pytest.raises(ScenarioError, match="had to wait in wake"):
        run(WAITERS, failure.replay)
