"""`Lock` and `RLock`."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab import Scenario, explore, threading
from kvmlab.verdict import Exploration
from tests.threading.calls import check, outcome


@pytest.mark.parametrize("made", ["Lock()", "RLock()"])
@pytest.mark.parametrize(
    "does",
    [
        "it.acquire()",
        "it.acquire(True)",
        "it.acquire(False)",
        "it.acquire(True, 5)",
        "it.acquire(timeout=5)",
        "it.acquire(timeout=0)",
        "it.acquire(timeout=-1)",
        "it.acquire(False, -1)",
        "(it.acquire(), it.acquire(False))",
        "(it.acquire(), it.acquire(timeout=0))",
        "(it.acquire(), it.release(), it.acquire(False))",
        "it.__enter__()",
        "(it.__enter__(), it.__exit__(None, None, None), it.acquire(False))",
        "bool(it)",
    ],
)
def test_a_call_gives_what_the_standard_library_gives(made: str, does: str) -> None:
    check(made, does)


@pytest.mark.parametrize("made", ["Lock()", "RLock()"])
@pytest.mark.parametrize(
    "does",
    [
        "it.release()",
        "(it.acquire(), it.release(), it.release())",
        "it.__exit__(None, None, None)",
        "it.acquire(False, 1)",
        "it.acquire(False, 0)",
        "it.acquire(True, -2)",
        "it.acquire(timeout=1e20)",
        "it.acquire('x')",
        "it.acquire(timeout='x')",
        "it.acquire(timeout=None)",
    ],
)
def test_a_wrong_call_raises_what_the_standard_library_raises(made: str, does: str) -> None:
    check(made, does)


@pytest.mark.parametrize(
    "does", ["it.locked()", "(it.acquire(), it.locked())", "(it.acquire(), it.release(), it.locked())"]
)
def test_locked(does: str) -> None:
    check("Lock()", does)


def test_whether_a_re_entrant_lock_says_that_it_is_locked_depends_on_the_python() -> None:
    """Before 3.14 it does not."""
    check("RLock()", "hasattr(it, 'locked')")
    check("RLock()", "it.locked()")


@pytest.mark.parametrize("does", ["it.acquire(1, 2, 3)", "it.acquire(nonsense=1)", "it.release(1)"])
def test_arguments_that_there_are_not_are_type_errors(does: str) -> None:
    """The standard library's texts name functions of C."""
    assert outcome("Lock()", does, threading)[0] == "TypeError"


class World:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.again = threading.RLock()
        self.seen: list[Any] = []


def explored(*tasks: Any, **options: Any) -> Exploration:
    return explore(Scenario(World, *tasks), **options)


def test_a_lock_taken_twice_waits_for_itself() -> None:
    def twice(w: World) -> None:
        with w.lock, w.lock:
            pass

    (deadlock,) = explored(twice).deadlocks
    assert " ".join(str(deadlock).split()).startswith(
        "twice waits for lock: it holds that lock itself, and the lock is not re-entrant."
    )


def test_a_re_entrant_lock_is_free_when_it_is_released_as_often_as_it_was_acquired() -> None:
    def nests(w: World) -> None:
        with w.again, w.again:
            pass
        assert w.again.acquire(False)
        w.again.release()

    def other(w: World) -> None:
        with w.again:
            pass

    assert explored(nests).verdict == "proven"
    assert explored(nests, other).verdict == "failed", "acquire(False) may find that the other owns it"


def test_a_re_entrant_lock_released_once_too_few_is_still_owned() -> None:
    def once_too_few(w: World) -> None:
        w.again.acquire()
        w.again.acquire()
        w.again.release()

    assert [failure.kind for failure in explored(once_too_few).failures] == ["held"]


def test_only_the_owner_releases_a_re_entrant_lock() -> None:
    def owns(w: World) -> None:
        with w.again, w.lock:
            pass

    def thief(w: World) -> None:
        w.again.release()

    (failure,) = explored(owns, thief).failures
    assert failure.message == "thief raised RuntimeError: cannot release un-acquired lock"


def test_anybody_releases_a_lock() -> None:
    def owns(w: World) -> None:
        w.lock.acquire()
        w.lock.acquire()
        w.lock.release()

    def helps(w: World) -> None:
        if w.lock.locked():
            w.lock.release()

    found = explored(owns, helps)
    assert len(found.deadlocks) == 1, "when the helper looks too early"
    assert found.deadlocked is not None
    assert found.schedules is not None
    assert found.deadlocked < found.schedules


def test_describe() -> None:
    lock = threading.Lock()
    assert lock.describe(lock.value) == {"owner": None, "depth": 0, "waiting": []}


def test_outside_a_scenario_it_is_the_standard_librarys() -> None:
    lock = threading.Lock()
    assert repr(lock).startswith("<unlocked _thread.lock")
    with lock:
        assert lock.locked()
