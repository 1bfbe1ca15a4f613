"""The stack of locks that one task holds.

Kernel: struct held_lock, and `held_locks` of struct task_struct; 6.12.
"""

from __future__ import annotations

from dataclasses import dataclass

from kvmlab.lockdep.classes import Lock, LockClass
from kvmlab.lockdep.kinds import Strength

MAX_LOCK_DEPTH = 48
"""Locks one task may hold at once before lockdep gives up: MAX_LOCK_DEPTH, 6.12."""


@dataclass(slots=True, eq=False)
class HeldLock:
    """One acquisition: asked for while it is being checked, held once it is on a stack.

    Attributes:
        lock: the instance.
        cls: its class, at the subclass it was taken at.
        strength: how strongly it was taken.
        task: who took it.
        where: the place in the source, as the caller described it.
        trylock: taken without waiting, so nothing can deadlock by taking it.
        checked: False when no dependency is drawn from or to it.
        nest_lock: the outer lock said to serialise this nesting, if any.
        sync: an empty section (synchronize), never held.
        references: how many nested acquisitions this entry stands for, 0 when it is a plain one.
    """

    lock: Lock
    cls: LockClass
    strength: Strength
    task: str
    where: str
    trylock: bool = False
    checked: bool = True
    nest_lock: Lock | None = None
    sync: bool = False
    references: int = 0


class HeldStack(list[HeldLock]):
    """The locks a task holds, innermost last."""

    def chain(self) -> tuple[tuple[LockClass, Strength], ...]:
        """What the stack looks like to the chain cache: classes and strengths, neither instances nor trylocks.

        Kernel: the chain key, iterate_chain_key() over hlock_id(), 6.12; the kernel hashes where we keep the tuple.
        """
        return tuple([(held.cls, held.strength) for held in self])
