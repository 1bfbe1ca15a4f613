"""The kinds of lock: how strongly lockdep counts a read of each, and how a task may wait under it.

Kernel: the `read` and `check` arguments of lock_acquire() in include/linux/lockdep.h, the wait types in
include/linux/lockdep_types.h; 6.12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType


class Strength(IntEnum):
    """How strongly a lock is taken: the `read` argument of lock_acquire(), 6.12.

    A SHARED reader may have to wait although only readers hold the lock, because a writer may be waiting in
    between. A RECURSIVE reader waits for nobody but a holder that is exclusive.
    """

    EXCLUSIVE = 0
    SHARED = 1
    RECURSIVE = 2

    __hash__ = int.__hash__  # chains are looked up at every acquisition, and Enum's own hash is slow


class WaitType(IntEnum):
    """How a task may have to wait for a lock, and how it may wait while it holds it: LD_WAIT_*, 6.12.

    The values are those of a kernel without PREEMPT_RT, in which a spinlock is LD_WAIT_SPIN.
    """

    ANY = 0
    FREE = 1
    SPIN = 2
    SLEEP = 3


@dataclass(frozen=True)
class Kind:
    """What lockdep must know of a lock before it can judge an acquisition of it.

    Attributes:
        name: the word used for it in files and messages.
        exclusive: whether it can be taken exclusively.
        reader: the strength of a read of it, None when it has no readers.
        grace_period: whether one can wait for its readers (`synchronize`).
        checked: False when lockdep keeps it on the stack of held locks but draws no dependency (`check = 0`).
        wait: how its holder may wait for other locks (`wait_type_inner`), and, unless `waited_for` says otherwise,
            how a task waits for it. ANY is never compared.
        waited_for: how a task waits for it, where that is less than `wait` (`wait_type_outer`).
    """

    name: str
    exclusive: bool = True
    reader: Strength | None = None
    grace_period: bool = False
    checked: bool = True
    wait: WaitType = WaitType.ANY
    waited_for: WaitType | None = None

    def strength(self, shared: bool) -> Strength:
        """The strength of an acquisition; TypeError, in a sentence, when this kind has no such acquisition."""
        if shared and self.reader is not None:
            return self.reader
        if not shared and self.exclusive:
            return Strength.EXCLUSIVE
        missing = "readers: take it exclusively" if shared else "exclusive holders: read it, or synchronize with it"
        raise TypeError(f"a lock of the kind {self.name!r} has no {missing}")


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("mutex", wait=WaitType.SLEEP),
            Kind("spin", wait=WaitType.SPIN),
            Kind("rwlock", reader=Strength.SHARED, wait=WaitType.SPIN),
            Kind("rwsem", reader=Strength.SHARED, wait=WaitType.SLEEP),
            Kind("percpu_rwsem", reader=Strength.SHARED),
            Kind("srcu", exclusive=False, reader=Strength.RECURSIVE, grace_period=True),
            Kind(
                "rcu",
                exclusive=False,
                reader=Strength.RECURSIVE,
                grace_period=True,
                checked=False,
                wait=WaitType.SPIN,
                waited_for=WaitType.FREE,
            ),
            Kind("pseudo", reader=Strength.RECURSIVE, grace_period=True),
        )
    }
)
"""Every kind by name.

`cpu_hotplug_lock` is a percpu_rwsem. A rwlock is meant in process context, where its readers queue. `pseudo` is a
lock that exists for lockdep only (lock_map_acquire(), lock_map_acquire_read(), lock_map_sync()).
"""
