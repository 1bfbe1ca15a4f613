"""A reference count that refuses to come back from zero.

Contract
- ``inc`` adds a reference; from zero it is an error: the object may be gone already.
- ``inc_not_zero`` adds one unless the count is zero, and says whether it did.
- ``dec_and_test`` drops one and says whether that was the last; below zero it is an error.
- An error saturates the count, and so does an overflow: from then on nothing changes it, and no put is the last one.
  A leak is better than a use after free. (An object that somebody is freeing already is freed all the same.)

Models: include/linux/refcount.h (refcount_inc, refcount_inc_not_zero, refcount_dec_and_test), Linux 6.12.
"""

from __future__ import annotations

from typing import Any

from kvmlab.errors import RefcountError
from kvmlab.operation import Fault, Operation, Resource, Task, perform

SATURATED = -1
"""Stands for every saturated count."""

MAXIMUM = 2**31 - 1
"""The largest count; one more saturates."""


def inc(count: int, task: Task) -> tuple[int, Any]:
    """One reference more; an error, and saturated, from zero."""
    if count == 0:
        return SATURATED, Fault(RefcountError, "{task} raises {lock} from 0: the object may already be gone.")
    return _more(count), None


def inc_not_zero(count: int, task: Task) -> tuple[int, bool]:
    """One reference more unless the count is zero. Result: did it?"""
    return (0, False) if count == 0 else (_more(count), True)


def dec_and_test(count: int, task: Task) -> tuple[int, Any]:
    """One reference less. Result: was it the last?"""
    if count == SATURATED:
        return SATURATED, False
    if count == 0:
        return SATURATED, Fault(RefcountError, "{task} drops {lock} below 0: one put too many.")
    return count - 1, count == 1


def look(count: int, task: Task) -> tuple[int, int]:
    """The count."""
    return count, count


def _more(count: int) -> int:
    return SATURATED if count in (SATURATED, MAXIMUM) else count + 1


INC = Operation("refcount_inc", inc, effect_text="always: one more; from 0 an error, and saturated")
INC_NOT_ZERO = Operation(
    "refcount_inc_not_zero", inc_not_zero, reads=lambda got: got is False,
    effect_text="always: one more and result True; at 0 result False",
)  # fmt: skip
DEC_AND_TEST = Operation(
    "refcount_dec_and_test", dec_and_test, effect_text="always: one less, result whether that was the last"
)
READ = Operation("refcount_read", look, reads=lambda count: True, effect_text="always: result the count")


class Refcount(Resource):
    """A reference count. Value: the count, or `SATURATED`."""

    operations = (INC, INC_NOT_ZERO, DEC_AND_TEST, READ)

    def __init__(self, count: int = 1) -> None:
        if type(count) is not int or not 0 <= count <= MAXIMUM:
            raise ValueError(f"a reference count starts between 0 and {MAXIMUM}, not at {count!r}")
        super().__init__(count)

    def inc(self) -> None:
        """Add a reference (``refcount_inc()``).

        Raises:
            RefcountError: the count was 0.
        """
        perform(self, INC)

    def inc_not_zero(self) -> bool:
        """Add a reference unless the count is 0; return whether it did (``refcount_inc_not_zero()``)."""
        return bool(perform(self, INC_NOT_ZERO))

    def dec_and_test(self) -> bool:
        """Drop a reference; return whether it was the last (``refcount_dec_and_test()``).

        Raises:
            RefcountError: the count was 0.
        """
        return bool(perform(self, DEC_AND_TEST))

    def read(self) -> int:
        """Return the count, or `SATURATED` (``refcount_read()``)."""
        return int(perform(self, READ))

    @classmethod
    def describe(cls, value: int) -> dict[str, Any]:
        """``{"count": int}``, or ``"saturated"``."""
        return {"count": "saturated" if value == SATURATED else value}
