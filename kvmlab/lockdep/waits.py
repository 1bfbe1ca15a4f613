"""Where a task may wait: nobody may sleep for a mutex while it holds a spinlock or reads under RCU.

Kernel: check_wait_context(), kernel/locking/lockdep.c, 6.12, in process context.
"""

from __future__ import annotations

from collections.abc import Iterable

from kvmlab.lockdep.held import HeldLock
from kvmlab.lockdep.kinds import WaitType


def forbidden_under(stack: Iterable[HeldLock], asked: HeldLock) -> HeldLock | None:
    """The held lock under which a task may not wait as `asked` makes it wait; the strictest, the outermost of equals.

    A trylock does not wait, so nothing forbids it.
    """
    kind = asked.lock.kind
    waits = kind.waited_for or kind.wait
    if not waits or asked.trylock:
        return None
    typed = [held for held in stack if held.lock.kind.wait is not WaitType.ANY]
    strictest = min(typed, key=lambda held: held.lock.kind.wait, default=None)
    return strictest if strictest is not None and waits > strictest.lock.kind.wait else None
