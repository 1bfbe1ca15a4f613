"""`Barrier`."""

from __future__ import annotations

import threading as real

import pytest

from kvmlab import Scenario, Shared, explore, threading
from tests.threading.calls import check


@pytest.mark.parametrize("made", ["Barrier(1)", "Barrier(1, lambda: 1)", "Barrier(1, lambda: 1 / 0)"])
@pytest.mark.parametrize(
    "does",
    [
        "it.wait()",
        "it.wait(1)",
        "(it.wait(0), it.wait(0))",
        "it.wait(-1)",
        "(it.parties, it.n_waiting, it.broken)",
        "(it.abort(), it.broken, it.n_waiting)",
        "(it.abort(), it.wait())",
        "(it.abort(), it.reset(), it.broken, it.wait())",
        "(it.reset(), it.n_waiting, it.wait())",
    ],
)
def test_a_call_gives_what_the_standard_library_gives(made: str, does: str) -> None:
    check(made, does)


@pytest.mark.parametrize("does", ["it.wait(0)", "it.wait(-1)", "(it.abort(), it.wait())", "it.parties"])
def test_who_is_alone_at_a_barrier_of_two(does: str) -> None:
    check("Barrier(2)", does)


@pytest.mark.parametrize("made", ["Barrier()", "Barrier(-1)", "Barrier(0)", "Barrier('x')", "Barrier(2, timeout=1)"])
def test_it_is_made_as_the_standard_library_allows(made: str) -> None:
    check(made, "it.parties")


class World:
    def __init__(self) -> None:
        self.two = threading.Barrier(2)
        self.late = threading.Barrier(2, timeout=1)
        self.done = Shared(0)
        self.acting = threading.Barrier(2, self.act)
        self.failing = threading.Barrier(2, self.fail)

    def act(self) -> None:
        assert self.done.load() == 0, "once a round"
        self.done.store(1)

    def fail(self) -> None:
        raise OSError("no")


def test_everybody_gets_a_number_and_waits_for_the_last() -> None:
    numbers: set[tuple[int, ...]] = set()

    def meets(w: World) -> None:
        number = w.two.wait()
        w.done.store((*(w.done.load() or ()), number))

    def ends(w: World) -> None:
        if len(w.done.load() or ()) == 2:
            numbers.add(w.done.load())

    assert explore(Scenario(World, meets, meets), "traces").verdict == "proven"
    explore(Scenario(World, meets, meets, ends), "traces")
    assert numbers == {(0, 1), (1, 0)}


def test_who_comes_while_it_drains_waits_for_the_next_round() -> None:
    def twice(w: World) -> None:
        w.two.wait()
        w.two.wait()

    assert explore(Scenario(World, twice, twice)).verdict == "proven"
    (deadlock,) = explore(Scenario(World, twice, twice, lambda w: w.two.wait())).deadlocks[:1]
    assert set(deadlock.reasons.values()) == {"only 1 have arrived"}


def test_the_action_runs_once_and_before_anybody_goes_on() -> None:
    def meets(w: World) -> None:
        w.acting.wait()
        assert w.done.load() == 1

    assert explore(Scenario(World, meets, meets), "traces").verdict == "proven"


def test_an_action_that_raises_breaks_it_for_the_others() -> None:
    raised: set[tuple[str, str]] = set()

    def meets(w: World) -> None:
        try:
            w.failing.wait()
        except Exception as error:
            raised.add((type(error).__name__, str(error)))

    assert explore(Scenario(World, meets, meets), "traces").verdict == "proven"
    assert raised == {("OSError", "no"), ("BrokenBarrierError", "")}


def test_a_timeout_breaks_it() -> None:
    def meets(w: World) -> None:
        try:
            w.late.wait()
        except threading.BrokenBarrierError:
            w.done.store("late")

    found = explore(Scenario(World, meets))
    assert found.verdict == "proven"
    assert "at most 1 timeout per task expire" in found.assumes
    assert explore(Scenario(World, meets), max_timeouts=0).verdict == "proven", "cut short is not a deadlock"


def test_nobody_else_gets_at_it_while_the_action_runs() -> None:
    def meets(w: World) -> None:
        w.acting.wait()

    def aborts(w: World) -> None:
        if w.done.load() == 1:
            w.acting.abort()

    found = explore(Scenario(World, meets, meets, aborts), "traces")
    assert {failure.message for failure in found.failures} == {
        "meets 1 raised BrokenBarrierError",
        "meets 2 raised BrokenBarrierError",
    }, "who has not left yet when it is broken"


def test_the_exception_is_the_standard_librarys() -> None:
    assert threading.BrokenBarrierError is real.BrokenBarrierError


def test_describe() -> None:
    barrier = threading.Barrier(2)
    assert barrier.describe(barrier.value) == {"phase": "filling", "inside": [], "acting": None}
