"""Where a task may wait: nobody may sleep for a mutex while it holds a spinlock or reads under RCU.

Kernel: check_wait_context(), kernel/locking/lockdep.c, 6.12, in process context.
"""

from __future__ import annotations

from collections.abc import Iterable

from kvmlab.lockdep.held import HeldLock
from kvmlab.lockdep.kinds import WaitType


def forbidden_under(stack: Iterable[HeldLock], asked: HeldLock) -> HeldLock | None:
    """The outermost held lock under which a task may not wait as `asked` makes it wait.

    A trylock does not wait, so nothing forbids it.
    """
    kind = asked.lock.kind
    waits = kind.waited_for or kind.wait
    if asked.trylock or waits is WaitType.ANY:
        return None
    for held in stack:
        if WaitType.ANY < held.lock.kind.wait < waits:
            return held
    return None
