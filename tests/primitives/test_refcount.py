"""The reference count, against the rules of include/linux/refcount.h."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvmlab import Refcount, Scenario, Shared, explore
from kvmlab.errors import RefcountError
from kvmlab.primitives.refcount import MAXIMUM, SATURATED


def test_it_starts_at_one_reference() -> None:
    assert Refcount().read() == 1


@pytest.mark.parametrize("start", [-1, MAXIMUM + 1, 1.0, "1", True, None])
def test_it_starts_at_a_whole_number_that_fits(start: object) -> None:
    with pytest.raises(ValueError, match="a reference count starts between 0 and 2147483647"):
        Refcount(start)  # type: ignore[arg-type]


def test_inc_from_zero_is_an_error_and_saturates() -> None:
    count = Refcount(0)
    with pytest.raises(RefcountError, match="you raise Refcount from 0: the object may already be gone"):
        count.inc()
    assert count.read() == SATURATED


def test_inc_not_zero_refuses_zero() -> None:
    assert Refcount(0).inc_not_zero() is False
    count = Refcount(1)
    assert count.inc_not_zero() is True
    assert count.read() == 2


def test_dec_and_test_says_whether_it_was_the_last() -> None:
    count = Refcount(2)
    assert count.dec_and_test() is False
    assert count.dec_and_test() is True
    assert count.read() == 0


def test_a_put_too_many_is_an_error_and_saturates() -> None:
    count = Refcount(0)
    with pytest.raises(RefcountError, match="you drop Refcount below 0: one put too many"):
        count.dec_and_test()
    assert count.read() == SATURATED


def test_an_overflow_saturates() -> None:
    count = Refcount(MAXIMUM)
    count.inc()
    assert count.read() == SATURATED


def test_nothing_changes_a_saturated_count() -> None:
    count = Refcount(MAXIMUM)
    count.inc()
    count.inc()
    assert count.inc_not_zero() is True
    assert count.dec_and_test() is False
    assert count.read() == SATURATED
    assert Refcount.describe(count.value) == {"count": "saturated"}
    assert Refcount.describe(3) == {"count": 3}


@given(st.integers(0, 3), st.lists(st.sampled_from(["inc", "inc_not_zero", "dec_and_test"]), max_size=12))
def test_it_counts_like_a_number_until_something_goes_wrong(start: int, operations: list[str]) -> None:
    """A plain integer beside it, with the three rules written out."""
    count, number = Refcount(start), start
    for name in operations:
        wrong = number == 0 and name != "inc_not_zero"
        if wrong and number != SATURATED:
            with pytest.raises(RefcountError):
                getattr(count, name)()
            number = SATURATED
        else:
            result = getattr(count, name)()
            if number != SATURATED:
                assert result == {"inc": None, "inc_not_zero": number > 0, "dec_and_test": number == 1}[name]
                number += {"inc": 1, "inc_not_zero": int(number > 0), "dec_and_test": -1}[name]
        assert count.read() == number


def test_exactly_one_of_two_puts_is_the_last_in_every_schedule() -> None:
    class World:
        def __init__(self) -> None:
            self.users = Refcount(2)
            self.destroyed = Shared(0)

    def put(w: World) -> None:
        if w.users.dec_and_test():
            assert w.destroyed.load() == 0
            w.destroyed.store(1)

    assert explore(Scenario(World, put, put)).verdict == "proven"


def test_a_get_races_with_the_last_put() -> None:
    """Taking a reference to an object found in a list needs inc_not_zero."""

    class World:
        def __init__(self) -> None:
            self.users = Refcount(1)

    def put(w: World) -> None:
        w.users.dec_and_test()

    def get(w: World) -> None:
        w.users.inc()
        w.users.dec_and_test()

    def get_safe(w: World) -> None:
        if w.users.inc_not_zero():
            w.users.dec_and_test()

    (failure,) = explore(Scenario(World, put, get)).failures
    assert failure.message == "get raised RefcountError: get raises users from 0: the object may already be gone."
    assert failure.lock == "users"
    assert explore(Scenario(World, put, get_safe)).verdict == "proven"
