"""The kernel's spinlock: a waiter spins, and its owner must not sleep.

Contract
- ``lock`` waits, without sleeping, until nobody owns it; from then on the owner is in an atomic section.
- In an atomic section every operation that may sleep is an error: mutexes, rwsems, completions, grace periods.
- Only the owner unlocks.

Left out: interrupts, per-CPU effects, fairness of the queue, and PREEMPT_RT, where a spinlock sleeps.

Models: include/linux/spinlock.h, Linux 6.12, without PREEMPT_RT.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

from kvmlab.operation import Operation, Resource, Task, perform
from kvmlab.primitives.mutex import Owner, free_now, give_back, owner_holds, owner_of, take
from kvmlab.primitives.section import is_unwound

LOCK = Operation(
    "lock", take, free_now, owner_of, owner_holds, preempt=+1, takes=lambda result: True,
    effect_text="when nobody owns it: the caller owns it and must not sleep",
)  # fmt: skip
UNLOCK = Operation(
    "unlock", give_back, preempt=-1, effect_text="always: nobody owns it; an error unless the caller did"
)


class SpinLock(Resource):
    """A spinlock. Value: its owner, or None."""

    operations = (LOCK, UNLOCK)

    def __init__(self) -> None:
        super().__init__(None)

    def lock(self) -> None:
        """Spin until nobody owns the lock, then own it (``spin_lock()``). The caller must not sleep until unlock."""
        perform(self, LOCK)

    def unlock(self) -> None:
        """Give the lock back (``spin_unlock()``).

        Raises:
            LockError: the caller does not own it.
        """
        perform(self, UNLOCK)

    def __enter__(self) -> SpinLock:
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
