"""SRCU: readers never wait, a grace period waits for the readers before it, one grace period at a time."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab import SRCU, LockError, Mutex, Scenario, Shared, explore, replay
from kvmlab.primitives.srcu import Domain


class World:
    def __init__(self) -> None:
        self.srcu = SRCU()
        self.m = Mutex()
        self.cell = Shared(0)


def reader(w: World) -> None:
    with w.srcu.read():
        w.cell.load()


def synchronizer(w: World) -> None:
    w.srcu.synchronize()


def test_entering_never_waits_not_even_for_a_grace_period() -> None:
    scenario = Scenario(World, reader, reader, synchronizer)
    assert replay(scenario, "1-3").movable == ("reader 1", "reader 2")
    assert replay(scenario, "1-3-2").movable == ("reader 1", "reader 2")


def test_read_lock_returns_the_index_of_the_side_and_a_grace_period_turns_it() -> None:
    srcu = SRCU()
    first = srcu.read_lock()
    srcu.read_unlock(first)
    srcu.synchronize()
    second = srcu.read_lock()
    srcu.read_unlock(second)
    srcu.synchronize()
    assert (first, second, srcu.read_lock()) == (0, 1, 0)


def test_the_section_gives_the_index_and_takes_it_back() -> None:
    srcu = SRCU()
    with srcu.read() as index:
        assert index == 0
        assert srcu.value == Domain(0, (("you",), ()), None)
    assert srcu.value == Domain()


def test_a_grace_period_waits_for_a_reader_that_was_inside_and_not_for_one_that_came_later() -> None:
    scenario = Scenario(World, reader, synchronizer, reader)
    assert replay(scenario, "1-2-3").movable == ("reader 1", "reader 2")
    assert replay(scenario, "1-2-3-1-1").movable == ("synchronizer", "reader 2")
    assert replay(scenario, "1-2-3-1-1-2").movable == ("reader 2",)


def test_one_grace_period_at_a_time() -> None:
    scenario = Scenario(World, reader, synchronizer, synchronizer)
    assert replay(scenario, "1-2").movable == ("reader",)
    waiting = replay(scenario, "1-2-1-1").movable
    assert waiting == ("synchronizer 1",)
    assert replay(scenario, "1-2-1-1-2").movable == ("synchronizer 2",)


def test_readers_alone_never_deadlock_in_any_nesting() -> None:
    def nested(w: World) -> None:
        with w.srcu.read(), w.srcu.read(), w.m:
            pass

    assert explore(Scenario(World, nested, nested, nested)).verdict == "proven"


def test_a_reader_that_synchronizes_its_own_domain_waits_for_itself() -> None:
    def itself(w: World) -> None:
        with w.srcu.read():
            w.srcu.synchronize()

    (deadlock,) = explore(Scenario(World, itself)).deadlocks
    assert deadlock.waits == (("itself", "srcu", ("itself",)),)
    assert deadlock.reasons == {"itself": "it has not left the read-side critical section"}


def test_a_reader_that_waits_for_a_lock_held_around_synchronize_deadlocks() -> None:
    """The indirect form of the same rule (facts.md 5.2)."""

    def changes(w: World) -> None:
        with w.m:
            w.srcu.synchronize()

    def reads(w: World) -> None:
        with w.srcu.read(), w.m:
            pass

    found = explore(Scenario(World, changes, reads))
    assert found.verdict == "deadlock"
    assert found.deadlocks[0].waits == (("changes", "srcu", ("reads",)), ("reads", "m", ("changes",)))


def test_the_reverse_nesting_is_fine() -> None:
    def changes(w: World) -> None:
        with w.m:
            w.srcu.synchronize()

    def reads(w: World) -> None:
        with w.m, w.srcu.read():
            pass

    assert explore(Scenario(World, changes, reads)).verdict == "proven"


def test_domains_are_independent() -> None:
    class Two:
        def __init__(self) -> None:
            self.one, self.other = SRCU(), SRCU()

    def across(w: Two) -> None:
        with w.one.read():
            w.other.synchronize()

    assert explore(Scenario(Two, across, across)).verdict == "proven"


@pytest.mark.parametrize("index", [2, -1, None, "0", 0.0, "{lock}", [0]])
def test_an_index_that_read_lock_never_returns_is_an_error(index: Any) -> None:
    srcu = SRCU()
    srcu.read_lock()
    with pytest.raises(LockError, match=r"you leave SRCU with index .*; read_lock\(\) returns 0 or 1"):
        srcu.read_unlock(index)


def test_a_wrong_index_is_an_error_that_names_both() -> None:
    srcu = SRCU()
    index = srcu.read_lock()
    with pytest.raises(LockError, match="you leave SRCU with index 1, but you entered with index 0"):
        srcu.read_unlock(1 - index)
    srcu.read_unlock(index)
    with pytest.raises(LockError, match="you leave SRCU with index 0, but you are not a reader"):
        srcu.read_unlock(index)


def test_nested_readers_on_two_sides_leave_by_their_own_index() -> None:
    def nested(w: World) -> None:
        outer = w.srcu.read_lock()
        inner = w.srcu.read_lock()
        w.srcu.read_unlock(outer)
        w.srcu.read_unlock(inner)

    scenario = Scenario(World, nested, synchronizer)
    assert explore(scenario).verdict == "proven"
    run = replay(scenario, "1-2-1")
    assert [step.result for step in run.schedule] == [0, 0, 1]


def test_a_task_that_ends_inside_a_reader_fails() -> None:
    def forget(w: World) -> None:
        w.srcu.read_lock()

    assert explore(Scenario(World, forget)).failures[0].message == "forget ended while it holds srcu."


def test_after_synchronize_no_reader_can_still_see_the_old_value() -> None:
    """What SRCU is for, in every schedule; and what goes wrong without it."""

    class Published:
        def __init__(self) -> None:
            self.srcu = SRCU()
            self.current = Shared(0)
            self.freed = (Shared(False), Shared(False))

    def reads(w: Published) -> None:
        with w.srcu.read():
            which = w.current.load()
            assert not w.freed[which].load(), "use after free"

    def replaces(w: Published) -> None:
        w.current.store(1)
        w.srcu.synchronize()
        w.freed[0].store(True)

    def replaces_too_early(w: Published) -> None:
        w.current.store(1)
        w.freed[0].store(True)

    assert explore(Scenario(Published, reads, reads, replaces)).verdict == "proven"
    assert explore(Scenario(Published, reads, replaces_too_early)).verdict == "failed"


def test_two_grace_periods_in_a_row_wait_for_the_readers_of_both_sides() -> None:
    scenario = Scenario(World, reader, synchronizer, reader, synchronizer)
    assert replay(scenario, "1-2-3-1-1-2-4").movable == ("reader 2",)


def test_it_is_described_in_a_readers_words() -> None:
    value = Domain(1, (("a",), ("b", "c")), "d")
    assert SRCU.describe(value) == {"current": 1, "sides": [["a"], ["b", "c"]], "synchronizer": "d"}
    assert SRCU.held_by(value) == ("a", "b", "c")


def test_why_a_grace_period_and_a_second_synchronizer_wait() -> None:
    def stays(w: World) -> None:
        w.srcu.read_lock()
        w.m.lock()
        w.m.lock()

    def joins(w: World) -> None:
        w.srcu.read_lock()
        w.m.lock()

    deadlock = replay(Scenario(World, stays, joins, synchronizer, synchronizer), "1-2-1-3").deadlock
    assert deadlock is not None
    assert deadlock.reasons["synchronizer 1"] == "joins and stays have not left the read-side critical section"
    assert deadlock.reasons["synchronizer 2"] == "synchronizer 1 has a grace period running"
