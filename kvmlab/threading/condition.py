"""`Condition`: wait in a queue for somebody to notify, without holding the lock meanwhile."""

from __future__ import annotations

import math
import threading as real
from collections.abc import Callable
from types import TracebackType
from typing import Any

from kvmlab.errors import ScenarioError
from kvmlab.location import caller
from kvmlab.operation import Fault, Operation, Task
from kvmlab.threading.lock import Lock, LockState, RLock, owner_holds, owner_of
from kvmlab.threading.twin import Twin, check_timeout
from kvmlab.world import Key


def owns(lock: LockState, task: Task, reentrant: bool) -> bool:
    """Whether the caller may wait and notify: it owns an `RLock`; for a `Lock` it is enough that anybody does."""
    return lock.owner == task if reentrant else lock.owner is not None


def give_up_and_queue(lock: LockState, task: Task, queue: Key, reentrant: bool) -> tuple[LockState, Any]:
    """Give the lock back and join the queue. Result: how often the caller owned it."""
    if not owns(lock, task, reentrant):
        return lock, Fault(RuntimeError, "cannot wait on un-acquired lock")
    return lock._replace(owner=None, depth=0, waiting=(*lock.waiting, (queue, task))), lock.depth


def granted(lock: LockState, task: Task, queue: Key) -> bool:
    """Somebody has notified the caller, or one of a group that it belongs to."""
    return (queue, task) not in lock.waiting or any(at == queue and task in group for at, group, _ in lock.grants)


def may_wake(lock: LockState, task: Task, queue: Key, depth: int) -> bool:
    """The caller has been notified and nobody owns the lock."""
    return lock.owner is None and granted(lock, task, queue)


def may_expire(lock: LockState, task: Task, queue: Key, depth: int = 0) -> bool:
    """Nobody has notified the caller for certain."""
    return (queue, task) in lock.waiting


def wake(lock: LockState, task: Task, queue: Key, depth: int) -> tuple[LockState, bool]:
    """Own the lock again, out of the queue. Result: True; False if the time was up first, the lock not yet owned."""
    if not may_wake(lock, task, queue, depth):
        return lock, False
    return leave_queue(lock, task, queue)._replace(owner=task, depth=depth), True


def leave_queue(lock: LockState, task: Task, queue: Key) -> LockState:
    """`lock` without the caller in the queue, its grant used up."""
    if (queue, task) not in lock.waiting:
        return lock
    waiting = tuple(entry for entry in lock.waiting if entry != (queue, task))
    grants, used = [], False
    for at, group, count in lock.grants:
        if at == queue and task in group:
            count -= 0 if used else 1
            used = True
            group = tuple(other for other in group if other != task)
        if count and group:
            grants.append((at, group, min(count, len(group))))
    return lock._replace(waiting=waiting, grants=tuple(grants))


def can_reacquire(lock: LockState, task: Task, queue: Key, depth: int) -> bool:
    """Nobody owns it."""
    return lock.owner is None


def reacquire(lock: LockState, task: Task, queue: Key, depth: int) -> tuple[LockState, None]:
    """Own the lock again after the time was up, and leave the queue only now."""
    return leave_queue(lock, task, queue)._replace(owner=task, depth=depth), None


def notify(lock: LockState, task: Task, queue: Key, count: int, reentrant: bool, order: str) -> tuple[LockState, Any]:
    """Take the first `count` waiters out of the queue; with order ``any``, let any `count` of them go."""
    if not owns(lock, task, reentrant):
        return lock, Fault(RuntimeError, "cannot notify on un-acquired lock")
    waiters = [waiter for at, waiter in lock.waiting if at == queue]
    if order == "any":
        promised = sum(number for at, _, number in lock.grants if at == queue)
        count = min(count, len(waiters) - promised)
        if count < 1:
            return lock, None
        return lock._replace(grants=(*lock.grants, (queue, tuple(waiters), count))), None
    chosen = {(queue, waiter) for waiter in waiters[:count]} if count > 0 else set()
    grants = tuple(grant for grant in lock.grants if grant[0] != queue)  # nobody is left for them
    return lock._replace(waiting=tuple(entry for entry in lock.waiting if entry not in chosen), grants=grants), None


def claim(lock: LockState, task: Task, queue: Key) -> tuple[LockState, bool]:
    """Out of the queue, by a grant if it takes one. Result: True; False, and no change, if nobody has notified."""
    return (leave_queue(lock, task, queue), True) if granted(lock, task, queue) else (lock, False)


def wakers(lock: LockState, task: Task, queue: Key, depth: int) -> tuple[Task, ...]:
    """Whom a waiter waits for: nobody in particular until it is notified, then the lock's owner."""
    return owner_of(lock, task) if granted(lock, task, queue) else ()


def not_notified(lock: LockState, task: Task, queue: Key, depth: int = 0) -> str:
    """Why a waiter waits."""
    if granted(lock, task, queue):
        return owner_holds(lock, task)
    return "nobody has notified it"


WAIT = Operation(
    "wait",
    give_up_and_queue,
    effect_text="always: nobody owns the lock, the caller is in the queue; an error unless owned",
)
WAKE = Operation(
    "wake", wake, may_wake, wakers, not_notified, takes=lambda result: True,
    effect_text="when the caller was notified and nobody owns the lock: the caller owns it",
)  # fmt: skip
WAKE_TIMED = Operation(
    "wake (timeout)", wake, may_wake, wakers, not_notified, takes=lambda result: result is True, expires=may_expire,
    assumes="timeout",
    effect_text="as wake; or, at any moment before the caller is notified: result False, still in the queue",
)  # fmt: skip
CLAIM = Operation(
    "wake (notified)", claim, granted, why=not_notified,
    effect_text="when the caller was notified: it has left the queue",
)  # fmt: skip
CLAIM_TIMED = Operation(
    "wake (notified, timeout)", claim, granted, why=not_notified, expires=may_expire, assumes="timeout",
    effect_text="as wake (notified); or, at any moment before: result False, still in the queue",
)  # fmt: skip
CLAIM_NOW = Operation(
    "wake (timeout 0)", claim,
    effect_text="always: result whether the caller was notified; it has left the queue if so",
)  # fmt: skip
REACQUIRE = Operation(
    "reacquire", reacquire, can_reacquire, owner_of, owner_holds, takes=lambda result: True,
    effect_text="when nobody owns the lock: the caller owns it and has left the queue",
)  # fmt: skip
NOTIFY = Operation(
    "notify",
    notify,
    assumes="notify",
    effect_text="always: the first n waiters leave the queue; an error unless the lock is owned",
)


class Condition(Twin):
    """`threading.Condition`. Its waiters are part of the value of its lock."""

    operations = (WAIT, WAKE, WAKE_TIMED, CLAIM, CLAIM_TIMED, CLAIM_NOW, REACQUIRE, NOTIFY)

    def __init__(self, lock: Lock | None = None) -> None:
        super().__init__(None)
        self.lock = RLock() if lock is None else lock
        if self.home is not None and not isinstance(self.lock, Lock):
            raise ScenarioError(
                f"a Condition in a world takes a Lock or RLock of kvmlab.threading, not {self.lock!r} (at {caller()})"
            )
        if self.home is None:
            self._real = real.Condition(self.lock._real if isinstance(self.lock, Lock) else self.lock)
        self.acquire = self.lock.acquire
        self.release = self.lock.release

    def __enter__(self) -> bool:
        return self.lock.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.lock.__exit__(kind, error, trace)

    def wait(self, timeout: float | None = None) -> bool:
        """As `threading.Condition.wait`. No spurious wake-ups; none happen in CPython either."""
        if self._outside():
            return bool(self._real.wait(timeout))
        if timeout is not None and timeout > 0:
            check_timeout(True, timeout)
        do, depth = self.lock._do, self.lock._do(WAIT, self.key, self.lock.reentrant)
        if timeout is not None and timeout <= 0:
            notified = do(CLAIM_NOW, self.key)
        elif self.home and self.home.notify_order == "any":
            # whom a grant wakes is settled before it owns the lock: an expired waiter may own it in between
            notified = do(CLAIM if timeout is None else CLAIM_TIMED, self.key)
        elif do(WAKE if timeout is None else WAKE_TIMED, self.key, depth):
            return True
        else:
            notified = False
        do(REACQUIRE, self.key, depth)
        return bool(notified)

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """As `threading.Condition.wait_for`."""
        if self._outside():
            return self._real.wait_for(predicate, timeout)
        result = predicate()
        while not result:
            in_time = self.wait(timeout)
            result = predicate()
            if not in_time or (timeout is not None and timeout <= 0):
                break
        return result

    def notify(self, n: int = 1) -> None:
        """As `threading.Condition.notify`."""
        if self._outside():
            self._real.notify(n)
        else:
            order = self.home.notify_order if self.home else "fifo"
            self.lock._do(NOTIFY, self.key, math.ceil(n) if n > 0 else 0, self.lock.reentrant, order)

    def notify_all(self) -> None:
        """As `threading.Condition.notify_all`."""
        if self._outside():
            self._real.notify_all()
        else:
            self.lock._do(NOTIFY, self.key, 1_000_000, self.lock.reentrant, "fifo")

    def notifyAll(self) -> None:  # noqa: N802
        """The old name of `notify_all`."""
        self.notify_all()
