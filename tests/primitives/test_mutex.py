"""The mutex, by what its head comment promises."""

from __future__ import annotations

import contextlib
from functools import partial

import pytest

from kvmlab import LockError, Mutex, Scenario, Shared, SpinLock, explore, replay
from kvmlab.errors import SleepInAtomic, WouldBlock


class World:
    def __init__(self) -> None:
        self.m = Mutex()
        self.n = Mutex()
        self.spin = SpinLock()
        self.seen = Shared(None)


def hold(w: World) -> None:
    w.m.lock()
    w.m.unlock()


def test_lock_makes_the_caller_the_owner_and_unlock_makes_nobody() -> None:
    m = Mutex()
    m.lock()
    assert m.value == "you"
    assert Mutex.held_by(m.value) == ("you",)
    m.unlock()
    assert m.value is None
    assert Mutex.held_by(m.value) == ()


def test_the_section_owns_the_mutex_inside_and_gives_it_back_after_an_error() -> None:
    m = Mutex()

    def section() -> None:
        with m:
            assert m.value == "you"
            raise ValueError("the reader's own")

    with pytest.raises(ValueError, match="the reader's own"):
        section()
    assert m.value is None


def test_a_second_task_waits_until_the_first_unlocks() -> None:
    scenario = Scenario(World, hold, hold)
    assert replay(scenario, "1").movable == ("hold 1",)
    assert replay(scenario, "1-1").movable == ("hold 2",)
    assert explore(scenario).schedules == 2


def test_an_owner_that_locks_again_waits_for_itself() -> None:
    def twice(w: World) -> None:
        w.m.lock()
        w.m.lock()

    (deadlock,) = explore(Scenario(World, twice)).deadlocks
    assert deadlock.waits == (("twice", "m", ("twice",)),)
    assert deadlock.reasons == {"twice": "it holds that lock itself, and the lock is not recursive"}
    assert deadlock.cycle == ("twice", "twice")


def test_two_locks_in_opposite_order_deadlock() -> None:
    def ab(w: World) -> None:
        with w.m, w.n:
            pass

    def ba(w: World) -> None:
        with w.n, w.m:
            pass

    found = explore(Scenario(World, ab, ba))
    assert (found.schedules, found.deadlocked, len(found.shortest or ())) == (6, 2, 2)
    assert found.deadlocks[0].cycle == ("ab", "ba", "ab")


def test_only_the_owner_unlocks() -> None:
    def thief(w: World) -> None:
        w.m.unlock()

    scenario = Scenario(World, hold, thief)
    (failure,) = replay(scenario, "1-2").failures
    assert failure.message == "thief raised LockError: thief unlocks m without holding it: hold holds it."
    assert failure.lock == "m"
    (failure,) = replay(scenario, "2").failures
    assert failure.message == "thief raised LockError: thief unlocks m without holding it: nobody holds it."


def test_an_unlock_that_fails_changes_nothing() -> None:
    def thief(w: World) -> None:
        with contextlib.suppress(LockError):
            w.m.unlock()

    assert explore(Scenario(World, hold, thief)).verdict == "proven"


def test_the_name_of_an_owner_may_contain_braces() -> None:
    """Messages are not format strings for what readers call their tasks."""

    def holder(w: World, options: object) -> None:
        hold(w)

    def thief(w: World) -> None:
        w.m.unlock()

    scenario = Scenario(World, partial(holder, options={"lock": 1}), thief)
    (failure,) = replay(scenario, "1-2").failures
    assert failure.message.endswith("thief unlocks m without holding it: holder(options={'lock': 1}) holds it.")


def test_trylock_says_whether_it_got_the_lock_and_never_waits() -> None:
    def look(w: World) -> None:
        w.seen.store(w.m.trylock())
        w.seen.load()

    def has(w: World) -> None:
        w.m.lock()
        w.seen.load()

    scenario = Scenario(World, look, has)
    assert replay(scenario, "1").schedule[0].result is True
    assert replay(scenario, "2-1").schedule[1].result is False


def test_trylock_by_the_owner_fails() -> None:
    m = Mutex()
    assert m.trylock() is True
    assert m.trylock() is False


def test_a_task_that_ends_with_the_mutex_fails_at_the_line_that_took_it() -> None:
    def forget(w: World) -> None:
        if w.m.trylock():
            pass

    (failure,) = explore(Scenario(World, forget)).failures
    assert (failure.kind, failure.lock, failure.message) == ("held", "m", "forget ended while it holds m.")
    assert failure.location is not None
    assert failure.location.text == "if w.m.trylock():"


def test_lock_may_sleep_so_it_is_an_error_inside_a_spinlock_and_trylock_is_not() -> None:
    def sleeps(w: World) -> None:
        with w.spin:
            w.m.lock()

    def tries(w: World) -> None:
        with w.spin:
            if w.m.trylock():
                w.m.unlock()

    (failure,) = explore(Scenario(World, sleeps)).failures
    assert isinstance(failure.error, SleepInAtomic)
    assert failure.lock == "m"
    assert "sleeps may sleep in lock of m while it holds a spinlock" in failure.message
    assert explore(Scenario(World, tries, hold)).verdict == "proven"


def test_at_the_prompt_a_lock_that_would_wait_says_so() -> None:
    m = Mutex()
    m.lock()
    with pytest.raises(WouldBlock, match=r"lock of Mutex would wait for ever at .*: nobody else is running"):
        m.lock()


def test_it_is_described_in_a_readers_words() -> None:
    assert Mutex.describe("a") == {"owner": "a"}
    assert Mutex.describe(None) == {"owner": None}
