"""The spinlock: no sleeping inside."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kvmlab import (
    SRCU,
    Completion,
    Mutex,
    PercpuRwsem,
    ReaderPreferringRwsem,
    Refcount,
    Scenario,
    Shared,
    SpinLock,
    explore,
    replay,
)
from kvmlab.errors import LockError, SleepInAtomic


class World:
    def __init__(self) -> None:
        self.s = SpinLock()
        self.t = SpinLock()
        self.m = Mutex()
        self.sem = PercpuRwsem()
        self.preferring = ReaderPreferringRwsem()
        self.srcu = SRCU()
        self.count = Refcount()
        self.done = Completion()
        self.cell = Shared(0)


def inside(operation: Callable[[World], object]) -> Callable[[World], None]:
    def task(w: World) -> None:
        with w.s:
            operation(w)

    return task


def test_one_owner_at_a_time() -> None:
    def critical(w: World) -> None:
        with w.s:
            w.cell.store(w.cell.load() + 1)

    def check(w: World) -> None:
        with w.s:
            pass

    assert explore(Scenario(World, critical, critical, check)).verdict == "proven"
    assert replay(Scenario(World, critical, critical), "1").movable == ("critical 1",)


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("lock of m", lambda w: w.m.lock()),
        ("read_lock of sem", lambda w: w.sem.read_lock()),
        ("write_lock of sem", lambda w: w.sem.write_lock()),
        ("read_lock of preferring", lambda w: w.preferring.read_lock()),
        ("write_lock of preferring", lambda w: w.preferring.write_lock()),
        ("synchronize_srcu of srcu", lambda w: w.srcu.synchronize()),
        ("wait_for_completion of done", lambda w: w.done.wait()),
    ],
)
def test_an_operation_that_may_sleep_is_an_error_inside(operation: str, call: Callable[[World], object]) -> None:
    """Also when it would not have had to wait this time."""
    (failure,) = explore(Scenario(World, inside(call))).failures
    assert isinstance(failure.error, SleepInAtomic)
    assert f"task may sleep in {operation} while it holds a spinlock" in failure.message
    assert failure.lock == operation.rpartition(" ")[2]


@pytest.mark.parametrize(
    "call",
    [
        lambda w: w.m.trylock() and w.m.unlock(),
        lambda w: w.sem.read_trylock() and w.sem.read_unlock(),
        lambda w: w.srcu.read_unlock(w.srcu.read_lock()),
        lambda w: w.done.complete(),
        lambda w: w.done.complete_all(),
        lambda w: w.count.inc_not_zero(),
        lambda w: w.cell.store(1),
        lambda w: w.t.lock() or w.t.unlock(),
    ],
)
def test_what_never_sleeps_is_allowed_inside(call: Callable[[World], object]) -> None:
    assert explore(Scenario(World, inside(call))).verdict == "proven"


def test_after_the_unlock_the_task_may_sleep_again() -> None:
    def after(w: World) -> None:
        with w.s, w.t:
            pass
        with w.m:
            pass

    def between(w: World) -> None:
        w.s.lock()
        w.t.lock()
        w.s.unlock()
        w.m.lock()

    assert explore(Scenario(World, after)).verdict == "proven"
    assert explore(Scenario(World, between)).failures[0].message.startswith("between raised SleepInAtomic")


def test_only_the_owner_unlocks_and_a_failed_unlock_ends_no_atomic_section() -> None:
    def thief(w: World) -> None:
        w.s.lock()
        try:
            w.t.unlock()
        except LockError:
            w.m.lock()

    (failure,) = explore(Scenario(World, thief)).failures
    assert failure.message.startswith("thief raised SleepInAtomic")
    with pytest.raises(LockError, match="you unlock SpinLock without holding it: nobody holds it"):
        SpinLock().unlock()


def test_spinning_on_ones_own_spinlock_is_for_ever() -> None:
    def twice(w: World) -> None:
        w.s.lock()
        w.s.lock()

    (deadlock,) = explore(Scenario(World, twice)).deadlocks
    assert deadlock.waits == (("twice", "s", ("twice",)),)


def test_a_spinlock_is_given_back_after_an_error() -> None:
    s = SpinLock()
    with pytest.raises(ValueError, match="oops"), s:
        raise ValueError("oops")
    assert s.value is None
    Mutex().lock()


def test_it_is_described_in_a_readers_words() -> None:
    assert SpinLock.describe("a") == {"owner": "a"}
    assert SpinLock.held_by("a") == ("a",)
    assert SpinLock.held_by(None) == ()
