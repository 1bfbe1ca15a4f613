"""Timeouts: the scheduler picks the moment, and how many expire is bounded and said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import Scenario, Shared, explore, run, threading


class World:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.again = threading.RLock()
        self.permits = threading.Semaphore(1)
        self.event = threading.Event()
        self.cond = threading.Condition()
        self.got = Shared(())
        self.held = threading.Event()


def lock(w: World) -> bool:
    return w.lock.acquire(timeout=1)


def rlock(w: World) -> bool:
    return w.again.acquire(timeout=1)


def semaphore(w: World) -> bool:
    return w.permits.acquire(timeout=1)


TIMED: dict[str, tuple[Callable[[World], bool], Callable[[World], Any], Callable[[World], Any]]] = {
    "Lock": (lock, lambda w: w.lock.acquire(), lambda w: w.lock.release()),
    "RLock": (rlock, lambda w: w.again.acquire(), lambda w: w.again.release()),
    "Semaphore": (semaphore, lambda w: w.permits.acquire(), lambda w: w.permits.release()),
    "Event": (lambda w: w.event.wait(1), lambda w: None, lambda w: w.event.set()),
}


@pytest.mark.parametrize("kind", TIMED)
def test_a_timed_wait_may_come_in_time_or_be_late(kind: str) -> None:
    timed, holds, lets_go = TIMED[kind]
    got: set[bool] = set()

    def waits(w: World) -> None:
        in_time = timed(w)
        got.add(in_time)
        if in_time and kind != "Event":
            lets_go(w)

    def keeps(w: World) -> None:
        holds(w)
        w.got.store("held")
        lets_go(w)

    found = explore(Scenario(World, waits, keeps), "traces")
    assert (found.verdict, got) == ("proven", {True, False})
    assert "at most 1 timeout per task expire" in found.assumes
    assert explore(Scenario(World, waits, keeps), "traces", max_timeouts=0).verdict == "proven"


@pytest.mark.parametrize("kind", TIMED)
@pytest.mark.parametrize("most", [0, 1, 3])
@pytest.mark.parametrize("by", ["states", "traces"])
def test_as_many_expire_in_a_task_as_was_said(kind: str, most: int, by: str) -> None:
    """A schedule that ends there is no deadlock; the verdict says what it took for granted."""
    timed, holds, _ = TIMED[kind]

    def waits(w: World) -> None:
        w.held.wait()
        for number in range(5):
            assert number <= most
            timed(w)

    def keeps(w: World) -> None:
        holds(w)
        w.held.set()
        if kind != "Event":
            w.event.wait()

    found = explore(Scenario(World, waits, keeps), by, max_timeouts=most)
    assert found.verdict == "proven"
    said = f"at most {most} timeout{'' if most == 1 else 's'} per task expire"
    assert said in found.assumes
    assert said in " ".join(str(found).split())


@pytest.mark.parametrize("kind", TIMED)
def test_in_a_run_it_is_late_only_when_nothing_else_can_move(kind: str) -> None:
    timed, holds, lets_go = TIMED[kind]

    def waits(w: World) -> None:
        w.held.wait()
        assert timed(w)
        if kind != "Event":
            lets_go(w)

    def keeps(w: World) -> None:
        holds(w)
        w.held.set()
        for number in range(50):
            w.got.store(number)
        lets_go(w)

    for _ in range(10):
        assert run(Scenario(World, waits, keeps)).verdict == "finished"


@pytest.mark.parametrize("kind", TIMED)
def test_and_then_it_is(kind: str) -> None:
    timed, holds, _ = TIMED[kind]

    def waits(w: World) -> None:
        w.held.wait()
        assert not timed(w)
        w.cond.acquire()
        w.cond.notify()
        w.cond.release()

    def keeps(w: World) -> None:
        holds(w)
        with w.cond:
            w.held.set()
            w.cond.wait()
        if kind in ("Lock", "RLock"):
            TIMED[kind][2](w)

    assert run(Scenario(World, waits, keeps)).verdict == "finished"


def test_several_that_are_late_are_late_one_by_one() -> None:
    """The first gets away; what it then does may come in time for the second."""

    def gives_up(w: World) -> None:
        if not w.event.wait(1):
            w.event.set()

    done = run(Scenario(World, gives_up, gives_up))
    assert [step.result for step in done.schedule if "timeout" in step.operation] == [False, True]
    found = explore(Scenario(World, gives_up, gives_up))
    assert found.verdict == "proven"


def test_a_verdict_without_timeouts_or_notify_names_neither() -> None:
    def plain(w: World) -> None:
        with w.lock:
            w.event.set()

    found = explore(Scenario(World, plain, plain), "traces")
    assert not any("timeout" in text or "notify" in text for text in found.assumes)
    assert "Assumes: " in str(found)
