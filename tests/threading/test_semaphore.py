"""`Semaphore` and `BoundedSemaphore`."""

from __future__ import annotations

import pytest

from kvmlab import Scenario, explore, threading
from tests.threading.calls import check


@pytest.mark.parametrize("made", ["Semaphore()", "Semaphore(2)", "BoundedSemaphore()", "BoundedSemaphore(2)"])
@pytest.mark.parametrize(
    "does",
    [
        "it.acquire()",
        "it.acquire(False)",
        "it.acquire(timeout=1)",
        "it.acquire(timeout=0)",
        "it.acquire(timeout=-1)",
        "(it.acquire(), it.acquire(False), it.acquire(False))",
        "(it.acquire(), it.acquire(timeout=0), it.acquire(timeout=-1))",
        "(it.acquire(), it.release(), it.acquire(False))",
        "it.release()",
        "it.release(2)",
        "it.release(n=2)",
        "(it.release(2), it.acquire(False), it.acquire(False), it.acquire(False))",
        "it.__enter__()",
        "(it.__enter__(), it.__exit__(None, None, None), it.acquire(False))",
    ],
)
def test_a_call_gives_what_the_standard_library_gives(made: str, does: str) -> None:
    check(made, does)


@pytest.mark.parametrize("made", ["Semaphore()", "BoundedSemaphore()"])
@pytest.mark.parametrize(
    "does",
    ["it.acquire(False, timeout=1)", "it.acquire(False, 0)", "it.release(0)", "it.release(-1)", "it.release('x')"],
)
def test_a_wrong_call_raises_what_the_standard_library_raises(made: str, does: str) -> None:
    check(made, does)


@pytest.mark.parametrize(
    "made", ["Semaphore(-1)", "BoundedSemaphore(-1)", "Semaphore('x')", "Semaphore(None)", "Semaphore(value=0)"]
)
def test_it_begins_with_what_the_standard_library_allows(made: str) -> None:
    check(made, "None")


class World:
    def __init__(self) -> None:
        self.permits = threading.Semaphore(2)
        self.none = threading.Semaphore(0)


def takes_one(w: World) -> None:
    with w.permits:
        pass


def takes_two(w: World) -> None:
    with w.permits, w.permits:
        pass


def test_two_permits_are_enough_for_one_each_and_too_few_for_two_each() -> None:
    assert explore(Scenario(World, takes_one, takes_one, takes_one)).verdict == "proven"
    (deadlock,) = explore(Scenario(World, takes_two, takes_two)).deadlocks
    assert set(deadlock.reasons.values()) == {"no permit is left"}


def test_nobody_owns_a_permit() -> None:
    """One task may end while it has one, another give back what it never took."""

    def takes(w: World) -> None:
        w.none.acquire()

    def gives(w: World) -> None:
        w.none.release()

    assert explore(Scenario(World, takes, gives)).verdict == "proven"
    assert explore(Scenario(World, takes)).verdict == "deadlock"


def test_a_waiter_may_be_overtaken() -> None:
    """Whoever comes in time gets the permit: no queue is kept, as in CPython."""
    got: list[str] = []

    def waits(w: World) -> None:
        w.none.acquire()
        got.append("waits")

    def tries(w: World) -> None:
        if w.none.acquire(False):
            got.append("tries")

    def gives(w: World) -> None:
        w.none.release()

    (deadlock,) = explore(Scenario(World, waits, tries, gives), "traces").deadlocks
    assert deadlock.schedule.replay == "3-2"
    assert {"waits", "tries"} <= set(got)


def test_describe() -> None:
    assert threading.Semaphore.describe(3) == {"permits": 3}
