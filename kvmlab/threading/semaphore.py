"""`Semaphore` and `BoundedSemaphore`: a number of permits.

Models: the standard library's `threading`, CPython 3.11 to 3.13. Any waiter may get a permit that is free.
"""

from __future__ import annotations

import threading as real
from types import TracebackType
from typing import Any

from kvmlab.operation import Fault, Operation, Task
from kvmlab.primitives.section import is_unwound
from kvmlab.threading.twin import Twin


def any_left(permits: int, task: Task) -> bool:
    """There is a permit."""
    return permits > 0


def none_left(permits: int, task: Task) -> bool:
    """There is no permit."""
    return permits == 0


def use(permits: int, task: Task) -> tuple[int, bool]:
    """One permit less if there is one. Result: was there?"""
    return (permits - 1, True) if permits else (permits, False)


def add(permits: int, task: Task, count: int, limit: int | None) -> tuple[int, Any]:
    """`count` permits more; an error above `limit`."""
    if limit is not None and permits + count > limit:
        return permits, Fault(ValueError, "Semaphore released too many times")
    return permits + count, None


def no_permit(permits: int, task: Task) -> str:
    """Why a caller waits."""
    return "no permit is left"


def _failed(result: Any) -> bool:
    return result is False


ACQUIRE = Operation("acquire", use, any_left, why=no_permit, effect_text="when a permit is left: one less")
ACQUIRE_TIMED = Operation(
    "acquire (timeout)", use, any_left, why=no_permit, reads=_failed, expires=none_left, assumes="timeout",
    effect_text="when a permit is left: one less; or, at any moment while none is: result False",
)  # fmt: skip
TRY_ACQUIRE = Operation(
    "try acquire", use, reads=_failed,
    effect_text="always: if a permit is left one less, result True; else result False",
)  # fmt: skip
RELEASE = Operation("release", add, effect_text="always: n permits more; an error above the bound")


class Semaphore(Twin):
    """`threading.Semaphore`. Value: the permits left."""

    operations = (ACQUIRE, ACQUIRE_TIMED, TRY_ACQUIRE, RELEASE)
    _bounded = False

    def __init__(self, value: int = 1) -> None:
        if value < 0:
            raise ValueError("semaphore initial value must be >= 0")
        super().__init__(value)
        self._limit = value if self._bounded else None
        if self.home is None:
            self._real = (real.BoundedSemaphore if self._bounded else real.Semaphore)(value)

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """As `threading.Semaphore.acquire`."""
        if self._outside():
            return bool(self._real.acquire(blocking, timeout))
        if not blocking and timeout is not None:
            raise ValueError("can't specify timeout for non-blocking acquire")
        if not blocking or (timeout is not None and timeout <= 0):
            return bool(self._do(TRY_ACQUIRE))
        return bool(self._do(ACQUIRE if timeout is None else ACQUIRE_TIMED))

    def release(self, n: int = 1) -> None:
        """As `threading.Semaphore.release`."""
        if self._outside():
            self._real.release(n)
            return
        if n < 1:
            raise ValueError("n must be one or more")
        self._do(RELEASE, n, self._limit)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not is_unwound(kind):
            self.release()

    @classmethod
    def describe(cls, value: int) -> dict[str, Any]:
        """``{"permits": how many are left}``."""
        return {"permits": value}


class BoundedSemaphore(Semaphore):
    """`threading.BoundedSemaphore`. Value: the permits left."""

    _bounded = True
