"""The kernel's mutex: one owner, who alone may unlock it.

Contract
- ``lock`` waits until nobody owns it. It may sleep.
- It is not recursive: an owner that locks again waits for itself, for ever.
- Only the owner unlocks; anything else is an error.
- ``trylock`` never waits; it says whether it got the lock.

Left out: who of several waiters is next (any of them may be), optimistic spinning, interruptible waits.

Models: include/linux/mutex.h, kernel/locking/mutex.c, Linux 6.12.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from kvmlab.errors import LockError
from kvmlab.operation import Fault, Operation, Resource, Task, perform
from kvmlab.primitives.section import is_unwound

Owner = Task | None


def free_now(owner: Owner, task: Task) -> bool:
    """Nobody owns it."""
    return owner is None


def take(owner: Owner, task: Task) -> tuple[Owner, Any]:
    """The caller owns it."""
    return task, None


def try_take(owner: Owner, task: Task) -> tuple[Owner, bool]:
    """The caller owns it if nobody did."""
    return (task, True) if owner is None else (owner, False)


def give_back(owner: Owner, task: Task) -> tuple[Owner, Any]:
    """Nobody owns it; an error unless the caller did."""
    if owner == task:
        return None, None
    state = f"{owner} holds it" if owner else "nobody holds it"
    return owner, Fault(LockError, f"{{task}} unlocks {{lock}} without holding it: {state}.")


def owner_of(owner: Owner, task: Task) -> tuple[Task, ...]:
    """Whom a caller waits for: the owner."""
    return (owner,) if owner else ()


def owner_holds(owner: Owner, task: Task) -> str:
    """Why a caller waits."""
    return "it holds that lock itself, and the lock is not recursive" if owner == task else f"{owner} holds it"


LOCK = Operation(
    "lock", take, free_now, owner_of, owner_holds, sleeps=True, takes=lambda result: True,
    effect_text="when nobody owns it: the caller owns it",
)  # fmt: skip
UNLOCK = Operation("unlock", give_back, effect_text="always: nobody owns it; an error unless the caller did")
TRYLOCK = Operation(
    "trylock", try_take, reads=lambda got: got is False, takes=lambda got: got is True,
    effect_text="always: if nobody owns it the caller owns it, result True; else result False",
)  # fmt: skip


class Mutex(Resource):
    """A mutex. Value: its owner, or None."""

    operations = (LOCK, UNLOCK, TRYLOCK)

    def __init__(self) -> None:
        super().__init__(None)

    def lock(self) -> None:
        """Wait until nobody owns the mutex, then own it (``mutex_lock()``).

        Raises:
            SleepInAtomic: the caller holds a spinlock.
        """
        perform(self, LOCK)

    def unlock(self) -> None:
        """Give the mutex back (``mutex_unlock()``).

        Raises:
            LockError: the caller does not own it.
        """
        perform(self, UNLOCK)

    def trylock(self) -> bool:
        """Own the mutex if nobody does; return whether that worked (``mutex_trylock()``). Never waits."""
        return bool(perform(self, TRYLOCK))

    def __enter__(self) -> Mutex:
        self.lock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not is_unwound(kind):
            self.unlock()

    @classmethod
    def held_by(cls, value: Owner) -> tuple[Task, ...]:
        """The owner, if there is one."""
        return (value,) if value else ()

    @classmethod
    def describe(cls, value: Owner) -> dict[str, Any]:
        """``{"owner": task or None}``."""
        return {"owner": value}
