"""A task that never comes back gets a verdict of its own, in seconds, and the process stays usable."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import kvmlab.threading
from kvmlab import Mutex, Scenario, ScenarioError, Shared, explore, replay, run, state_graph
from kvmlab.controlled import Controlled
from kvmlab.live import LiveRun
from kvmlab.watchdog import Watchdog
from kvmlab.world import here


class World:
    def __init__(self) -> None:
        self.m = Mutex()
        self.flag = Shared(0)


def section(w: World) -> None:
    with w.m:
        pass


def sleeps(w: World) -> None:
    with w.m:
        time.sleep(30)


def loops(w: World) -> None:
    with w.m:
        while True:
            pass


def blocks(w: World) -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def swallows(w: World) -> None:
    """Not even being ended ends it."""
    while True:
        with contextlib.suppress(BaseException):
            while True:
                time.sleep(0.01)


@pytest.fixture(autouse=True)
def _in_time_and_usable_afterwards() -> Iterator[None]:
    assert threading.current_thread() is threading.main_thread(), "signals go to the main thread"
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < 10
    assert here.actor is None
    assert not Watchdog.active
    assert explore(Scenario(World, section, section)).verdict == "proven"
    assert run(Scenario(World, section, section)).verdict == "finished"
    Controlled.abandoned.clear()
    LiveRun.abandoned.clear()


CALLS: list[Callable[[Scenario], Any]] = [
    explore, lambda scenario: explore(scenario, by="traces"), lambda scenario: replay(scenario, "1"), run
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=["states", "traces", "replay", "run"])
def test_a_task_that_sleeps(call: Callable[[Scenario], Any]) -> None:
    found = call(Scenario(World, sleeps))
    assert found.verdict == "failed"
    (failure,) = found.failures
    assert (failure.task, failure.kind) == ("sleeps", "stuck")
    assert failure.location.text == "time.sleep(30)"
    assert failure.message.startswith("sleeps does not come back. It blocks in time.sleep; nothing here depends on")
    if call is not run:  # a thread that sleeps cannot be reached; it ends when it wakes
        assert Controlled.abandoned == []


@pytest.mark.parametrize("call", CALLS, ids=["states", "traces", "replay", "run"])
def test_a_loop_without_an_operation(call: Callable[[Scenario], Any]) -> None:
    before = threading.active_count()
    found = call(Scenario(World, loops))
    (failure,) = found.failures
    assert (failure.task, failure.kind) == ("loops", "stuck")
    assert failure.location.function == "loops"
    assert "loops does not come back. It loops without an operation, or blocks outside" in failure.message
    assert Controlled.abandoned == []
    assert LiveRun.abandoned == []
    assert threading.active_count() == before


def test_a_lock_of_the_standard_library() -> None:
    (failure,) = explore(Scenario(World, blocks)).failures
    assert (failure.kind, failure.location.text) == ("stuck", "lock.acquire()")  # type: ignore[union-attr]
    assert 'write "from kvmlab import threading"' in failure.message


@pytest.mark.parametrize("by", ["states", "traces"])
def test_a_task_that_cannot_be_ended_is_left_where_it_is(by: str) -> None:
    (failure,) = explore(Scenario(World, swallows), by=by).failures
    assert (failure.task, failure.kind) == ("swallows", "stuck")
    assert len(Controlled.abandoned) >= 1


def test_a_task_that_swallows_its_end_and_then_does_an_operation_is_ended_there() -> None:
    def swallows_once(w: World) -> None:
        with contextlib.suppress(BaseException):
            time.sleep(30)
        w.m.lock()
        raise ValueError("never")

    (failure,) = explore(Scenario(World, swallows_once)).failures
    assert failure.kind == "stuck"
    assert Controlled.abandoned == []


def test_the_schedule_that_leads_to_it_can_be_replayed() -> None:
    """Stuck only after another task's store: the schedule contains that store."""

    def sets(w: World) -> None:
        w.flag.store(1)

    def sleeps_if_set(w: World) -> None:
        if w.flag.load():
            time.sleep(30)

    scenario = Scenario(World, sets, sleeps_if_set)
    (failure,) = explore(scenario).failures
    assert failure.replay == "1-2"
    assert replay(scenario, failure.replay).failures[0].kind == "stuck"


def test_a_graph_of_a_stuck_scenario_is_refused_with_the_reason() -> None:
    with pytest.raises(ScenarioError, match="no graph of World: sleeps does not come back"):
        state_graph(Scenario(World, sleeps))


def test_a_live_run_waits_for_nobody_who_is_stuck_and_tells_the_others_to_stop() -> None:
    found = run(Scenario(World, loops, section), "1")
    assert [failure.task for failure in found.failures] == ["loops"]


def test_a_task_that_works_hard_but_comes_back_is_not_stuck() -> None:
    def works(w: World) -> None:
        end = time.perf_counter() + 0.8
        while time.perf_counter() < end:
            pass
        with w.m:
            pass

    assert explore(Scenario(World, works)).verdict == "proven"
    assert run(Scenario(World, works)).verdict == "finished"


@pytest.mark.parametrize(
    "call", [explore, lambda scenario: replay(scenario, ""), run], ids=["explore", "replay", "run"]
)
def test_a_world_that_does_not_come_back_while_it_is_made(call: Callable[[Scenario], Any]) -> None:
    class Slow(World):
        def __init__(self) -> None:
            super().__init__()
            while True:
                pass

    with pytest.raises(ScenarioError, match=r"Slow\(\) does not come back, at __init__, test_stuck.py line \d+"):
        call(Scenario(Slow, section))


@pytest.mark.parametrize("call", [explore, run], ids=["explore", "run"])
def test_a_thread_that_does_nothing_but_sleep_is_told_by_the_line_that_started_it(
    call: Callable[[Scenario], Any],
) -> None:
    """Nothing of it is the reader's, and yet it must not pass for one that has ended."""

    def starts(w: World) -> None:
        kvmlab.threading.Thread(target=time.sleep, args=(4,)).start()

    (failure,) = call(Scenario(World, starts)).failures
    assert (failure.kind, failure.message) == (
        "stuck", "starts/1 does not come back. It blocks outside kvmlab's primitives."
    )  # fmt: skip
    assert failure.location.text == "kvmlab.threading.Thread(target=time.sleep, args=(4,)).start()"
