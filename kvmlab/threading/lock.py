"""`Lock` and `RLock`, and the queues of the conditions that were built on them.

A condition's waiters are part of its lock's value: to wait is to give the lock back and join the queue in one step,
and to wake is to leave the queue and own the lock in one step.

Models: the standard library's `threading`, CPython 3.11 to 3.13. A notified waiter competes for the lock like anybody.
Notify wakes in FIFO order; with ``notify_order="any"`` it grants a wake-up to any of those who wait then. An expired
waiter stays queued until it owns the lock again, so it can swallow a notify, as in CPython.
"""

from __future__ import annotations

import threading as real
from types import TracebackType
from typing import Any, ClassVar, NamedTuple

from kvmlab.operation import Fault, Operation, Task
from kvmlab.primitives.section import is_unwound
from kvmlab.threading.twin import Twin, check_timeout
from kvmlab.world import Key


class LockState(NamedTuple):
    """Value of a lock.

    Attributes:
        owner: who acquired it last and has not released it.
        depth: how often (an `RLock`).
        waiting: (condition, task) for everybody in a condition's queue, in order of arrival.
        grants: (condition, tasks, how many of them may still wake), for ``notify_order="any"``.
    """

    owner: Task | None = None
    depth: int = 0
    waiting: tuple[tuple[Key, Task], ...] = ()
    grants: tuple[tuple[Key, tuple[Task, ...], int], ...] = ()


def is_free(lock: LockState, task: Task, *args: Any) -> bool:
    """Nobody owns it."""
    return lock.owner is None


def is_free_or_mine(lock: LockState, task: Task, *args: Any) -> bool:
    """Nobody else owns it."""
    return lock.owner is None or lock.owner == task


def is_taken(lock: LockState, task: Task, *args: Any) -> bool:
    """Somebody owns it."""
    return lock.owner is not None


def is_anothers(lock: LockState, task: Task, *args: Any) -> bool:
    """Somebody else owns it."""
    return lock.owner is not None and lock.owner != task


def own(lock: LockState, task: Task, *args: Any) -> tuple[LockState, bool]:
    """The caller owns it, once more if it did already."""
    return LockState(task, lock.depth + 1 if lock.owner == task else 1, lock.waiting, lock.grants), True


def try_own(lock: LockState, task: Task) -> tuple[LockState, bool]:
    """The caller owns it if nobody does."""
    return own(lock, task) if lock.owner is None else (lock, False)


def try_own_again(lock: LockState, task: Task) -> tuple[LockState, bool]:
    """The caller owns it if nobody else does."""
    return own(lock, task) if is_free_or_mine(lock, task) else (lock, False)


def release(lock: LockState, task: Task) -> tuple[LockState, Any]:
    """Nobody owns it; an error if nobody did. Anybody may release it."""
    if lock.owner is None:
        return lock, Fault(RuntimeError, "release unlocked lock")
    return LockState(None, 0, lock.waiting, lock.grants), None


def release_once(lock: LockState, task: Task) -> tuple[LockState, Any]:
    """The caller owns it once less; an error unless it does."""
    if lock.owner != task:
        return lock, Fault(RuntimeError, "cannot release un-acquired lock")
    return LockState(task if lock.depth > 1 else None, lock.depth - 1, lock.waiting, lock.grants), None


def owner_of(lock: LockState, task: Task, *args: Any) -> tuple[Task, ...]:
    """Whom a caller waits for: the owner."""
    return (lock.owner,) if lock.owner else ()


def owner_holds(lock: LockState, task: Task, *args: Any) -> str:
    """Why a caller waits."""
    if lock.owner == task:
        return "it holds that lock itself, and the lock is not re-entrant"
    return f"{lock.owner} holds it"


def look(lock: LockState, task: Task) -> tuple[LockState, bool]:
    """Does anybody own it?"""
    return lock, lock.owner is not None


def _got(result: Any) -> bool:
    return result is True


def _failed(result: Any) -> bool:
    return result is False


ACQUIRE = Operation(
    "acquire", own, is_free, owner_of, owner_holds, takes=_got, effect_text="when nobody owns it: the caller owns it"
)
ACQUIRE_TIMED = Operation(
    "acquire (timeout)", try_own, is_free, owner_of, owner_holds, takes=_got, reads=_failed, expires=is_taken,
    assumes="timeout",
    effect_text="when nobody owns it: the caller owns it; or, at any moment while somebody does: result False",
)  # fmt: skip
TRY_ACQUIRE = Operation(
    "try acquire", try_own, takes=_got, reads=_failed,
    effect_text="always: if nobody owns it the caller owns it, result True; else result False",
)  # fmt: skip
RELEASE = Operation("release", release, effect_text="always: nobody owns it; an error if nobody did")
LOCKED = Operation("locked", look, reads=lambda result: True, effect_text="always: result whether anybody owns it")

R_ACQUIRE = Operation(
    "acquire", own, is_free_or_mine, owner_of, owner_holds, takes=_got,
    effect_text="when nobody else owns it: the caller owns it once more",
)  # fmt: skip
R_ACQUIRE_TIMED = Operation(
    "acquire (timeout)", try_own_again, is_free_or_mine, owner_of, owner_holds, takes=_got, reads=_failed,
    expires=is_anothers, assumes="timeout",
    effect_text="when nobody else owns it: as acquire; or, at any moment while somebody else does: result False",
)  # fmt: skip
R_TRY_ACQUIRE = Operation(
    "try acquire", try_own_again, takes=_got, reads=_failed,
    effect_text="always: if nobody else owns it the caller owns it once more, result True; else result False",
)  # fmt: skip
R_RELEASE = Operation(
    "release", release_once, effect_text="always: the caller owns it once less; an error unless it does"
)


class Lock(Twin):
    """`threading.Lock`: not re-entrant, released by anybody. Value: a `LockState`."""

    operations: ClassVar[tuple[Operation, ...]] = (ACQUIRE, ACQUIRE_TIMED, TRY_ACQUIRE, RELEASE, LOCKED)
    reentrant: ClassVar[bool] = False
    _acquire: ClassVar[tuple[Operation, Operation, Operation]] = (ACQUIRE, ACQUIRE_TIMED, TRY_ACQUIRE)
    _release: ClassVar[Operation] = RELEASE

    def __init__(self) -> None:
        super().__init__(LockState())
        if self.home is None:
            self._real = real.RLock() if self.reentrant else real.Lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `threading.Lock.acquire`."""
        if self._outside():
            return bool(self._real.acquire(blocking, timeout))
        if blocking is not True or timeout != -1:
            check_timeout(blocking, timeout)
        plain, timed, trying = self._acquire
        return bool(self._do(trying if not blocking or timeout == 0 else timed if timeout > 0 else plain))

    def release(self) -> None:
        """As `threading.Lock.release`."""
        if self._outside():
            self._real.release()
        else:
            self._do(self._release)

    def locked(self) -> bool:
        """As `threading.Lock.locked`."""
        return bool(self._real.locked() if self._outside() else self._do(LOCKED))

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not is_unwound(kind):
            self.release()

    @classmethod
    def held_by(cls, value: LockState) -> tuple[Task, ...]:
        """The owner, if there is one."""
        return (value.owner,) if value.owner else ()

    @classmethod
    def describe(cls, value: LockState) -> dict[str, Any]:
        """``{"owner": task or None, "depth": int, "waiting": [tasks in the queues of its conditions]}``."""
        return {"owner": value.owner, "depth": value.depth, "waiting": [task for _, task in value.waiting]}


class RLock(Lock):
    """`threading.RLock`: its owner may acquire it again, and alone releases it. Value: a `LockState`."""

    operations = (R_ACQUIRE, R_ACQUIRE_TIMED, R_TRY_ACQUIRE, R_RELEASE)
    reentrant: ClassVar[bool] = True
    _acquire: ClassVar[tuple[Operation, Operation, Operation]] = (R_ACQUIRE, R_ACQUIRE_TIMED, R_TRY_ACQUIRE)
    _release: ClassVar[Operation] = R_RELEASE

    if not hasattr(real.RLock(), "locked"):  # 3.14 has it

        @property
        def locked(self) -> Any:
            """Not there before 3.14: raises what the standard library raises."""
            return real.RLock().locked  # type: ignore[attr-defined]
