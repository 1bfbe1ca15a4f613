"""What lockdep is told of each operation: the kernel's own annotations, kept here and not in the primitives.

An acquisition is announced before the wait, a trylock once it has worked, a wait for readers before it begins. Of an
operation that is not listed lockdep is not told: it does not see completions, events, semaphores, barriers and joins,
nor the wait for a notify.

Kernel: mutex_acquire(), rwsem_acquire_read(), srcu_lock_acquire(), srcu_lock_sync() and the others of
include/linux/lockdep.h and include/linux/srcu.h, 6.12.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from kvmlab.lockdep.kinds import KINDS, Kind, Strength
from kvmlab.operation import FREE, Operation, Task, always
from kvmlab.primitives import SRCU, Mutex, PercpuRwsem, ReaderPreferringRwsem, SpinLock
from kvmlab.primitives import mutex as mutexes
from kvmlab.primitives import percpu_rwsem as rwsems
from kvmlab.primitives import spinlock as spinlocks
from kvmlab.primitives import srcu as srcus
from kvmlab.primitives.assert_held import ASSERT_HELD
from kvmlab.threading import Lock
from kvmlab.threading import condition as conditions
from kvmlab.threading import lock as locks


@dataclass(frozen=True)
class Note:
    """What lockdep is told of one operation.

    Attributes:
        call: the validator's method.
        shared: as a reader.
        trylock: told afterwards, if it worked.
        when: ``when(value, task, *args)``: whether there is anything to tell.
        whose: ``whose(value, task)``: in whose name.
    """

    call: Literal["acquire", "release", "sync", "init", "assert_held"]
    shared: bool = False
    trylock: bool = False
    when: Callable[..., bool] = always
    whose: Callable[[Any, Task], Task] = lambda value, task: task


def _is_not_mine(lock: locks.LockState, task: Task, *args: Any) -> bool:
    return lock.owner != task


def _is_last(lock: locks.LockState, task: Task) -> bool:
    return lock.owner != task or lock.depth == 1


def _is_notified(lock: locks.LockState, task: Task, queue: Any, depth: int) -> bool:
    return conditions.granted(lock, task, queue)


def _of_owner(lock: locks.LockState, task: Task) -> Task:
    """Anybody may release a `Lock`: it leaves the stack of whoever took it."""
    return lock.owner or task


_ACQUIRE, _RELEASE, _TRY = Note("acquire"), Note("release"), Note("acquire", trylock=True)
_READ, _READ_TRY = Note("acquire", shared=True), Note("acquire", shared=True, trylock=True)
_AGAIN = Note("acquire", when=_is_not_mine)

NOTES: Mapping[Operation, Note] = MappingProxyType(
    {
        FREE: Note("init"),
        ASSERT_HELD: Note("assert_held"),
        mutexes.LOCK: _ACQUIRE,
        mutexes.UNLOCK: _RELEASE,
        mutexes.TRYLOCK: _TRY,
        spinlocks.LOCK: _ACQUIRE,
        spinlocks.UNLOCK: _RELEASE,
        rwsems.READ_LOCK: _READ,
        rwsems.READ_LOCK_PREFERRED: _READ,
        rwsems.READ_UNLOCK: _RELEASE,
        rwsems.READ_TRYLOCK: _READ_TRY,
        rwsems.READ_TRYLOCK_PREFERRED: _READ_TRY,
        rwsems.WRITE_LOCK: _ACQUIRE,
        rwsems.WRITE_LOCK_PREFERRED: _ACQUIRE,
        rwsems.WRITE_UNLOCK: _RELEASE,
        rwsems.WRITE_UNLOCK_PREFERRED: _RELEASE,
        srcus.READ_LOCK: _READ,
        srcus.READ_UNLOCK: _RELEASE,
        srcus.FLIP: Note("sync"),
        locks.ACQUIRE: _ACQUIRE,
        locks.ACQUIRE_TIMED: _ACQUIRE,
        locks.TRY_ACQUIRE: _TRY,
        locks.RELEASE: Note("release", whose=_of_owner),
        locks.R_ACQUIRE: _AGAIN,
        locks.R_ACQUIRE_TIMED: _AGAIN,
        locks.R_TRY_ACQUIRE: Note("acquire", trylock=True, when=_is_not_mine),
        locks.R_RELEASE: Note("release", when=_is_last),
        conditions.WAIT: Note("release", whose=_of_owner),
        conditions.WAKE: Note("acquire", when=_is_notified),
        conditions.WAKE_TIMED: Note("acquire", when=_is_notified),
        conditions.REACQUIRE: _ACQUIRE,
    }
)
"""By operation. A lock that is asked for with a timeout is announced like one that waits for ever."""

READERS_FIRST = Kind("reader-preferring rwsem", reader=Strength.RECURSIVE)
"""What `ReaderPreferringRwsem` is to lockdep: its readers wait for nobody but a writer who is inside."""

_KINDS: Mapping[type, Kind] = MappingProxyType(
    {
        Mutex: KINDS["mutex"],
        SpinLock: KINDS["spin"],
        ReaderPreferringRwsem: READERS_FIRST,
        PercpuRwsem: KINDS["percpu_rwsem"],
        SRCU: KINDS["srcu"],
        Lock: KINDS["mutex"],
    }
)


def kind_of(thing: object) -> Kind:
    """The kind of a lock; what is not known to be one, such as freed memory, counts as a mutex."""
    return next((_KINDS[cls] for cls in type(thing).__mro__ if cls in _KINDS), KINDS["mutex"])
