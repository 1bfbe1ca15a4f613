"""Sleepable RCU: readers never wait; who changes the data waits for the readers that may still see the old.

Contract
- ``read_lock`` never waits. It returns the index of the side that the reader stands on.
- ``read_unlock(index)`` takes that index back. A wrong index is an error.
- Readers may nest and may sleep.
- ``synchronize`` waits for a grace period: it turns new readers to the other side, then waits until the side they
  left is empty. So it waits for at least all readers that were inside before its flip.
- One grace period at a time: a second ``synchronize`` waits until the first has ended.
- A reader that synchronizes its own domain, directly or through a lock whose owner synchronizes, waits for itself.

Left out: per-CPU counters, callbacks (``call_srcu()``), expedited grace periods, the sharing of one grace period by
several callers. The kernel also drains the other side before its flip; here that side is empty whenever no grace
period runs, because entering is one step.

Models: kernel/rcu/srcutree.c (__srcu_read_lock, __srcu_read_unlock, synchronize_srcu), Linux 6.12.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from kvmlab.errors import LockError
from kvmlab.operation import Fault, Operation, Resource, Task, names, perform
from kvmlab.primitives.percpu_rwsem import without
from kvmlab.primitives.section import Section


class Domain(NamedTuple):
    """Value of an SRCU domain: the side of new readers, the readers on both sides, who runs the grace period."""

    current: int = 0
    sides: tuple[tuple[Task, ...], tuple[Task, ...]] = ((), ())
    synchronizer: Task | None = None


def enter(domain: Domain, task: Task) -> tuple[Domain, int]:
    """One reader more on the current side. Result: its index."""
    return _with_side(domain, domain.current, tuple(sorted((*domain.sides[domain.current], task)))), domain.current


def leave(domain: Domain, task: Task, index: int) -> tuple[Domain, Any]:
    """One reader less on side `index`; an error unless the caller stands there."""
    if not isinstance(index, int) or index not in (0, 1):
        return domain, Fault(LockError, f"{{task}} leaves {{lock}} with index {index!r}; read_lock() returns 0 or 1.")
    if task not in domain.sides[index]:
        other = task in domain.sides[1 - index]
        why = f"it entered with index {1 - index}" if other else "it is not a reader"
        return domain, Fault(LockError, f"{{task}} leaves {{lock}} with index {index}, but {why}.")
    return _with_side(domain, index, without(domain.sides[index], task)), None


def no_grace_period(domain: Domain, task: Task) -> bool:
    """No grace period is running."""
    return domain.synchronizer is None


def flip(domain: Domain, task: Task) -> tuple[Domain, int]:
    """Begin a grace period: new readers go to the other side. Result: the side to drain."""
    return domain._replace(current=1 - domain.current, synchronizer=task), domain.current


def is_drained(domain: Domain, task: Task, side: int) -> bool:
    """Nobody is left on `side`."""
    return not domain.sides[side]


def end_grace_period(domain: Domain, task: Task, side: int) -> tuple[Domain, None]:
    """The grace period is over."""
    return domain._replace(synchronizer=None), None


def _with_side(domain: Domain, index: int, readers: tuple[Task, ...]) -> Domain:
    zero, one = domain.sides
    return domain._replace(sides=(readers, one) if index == 0 else (zero, readers))


def running(domain: Domain, task: Task) -> tuple[Task, ...]:
    """Whom a second synchronizer waits for: the first."""
    return (domain.synchronizer,) if domain.synchronizer else ()


def old_readers(domain: Domain, task: Task, side: int) -> tuple[Task, ...]:
    """Whom a synchronizer waits for: the readers on the side it drains."""
    return tuple(dict.fromkeys(domain.sides[side]))


def other_grace_period(domain: Domain, task: Task) -> str:
    """Why a second synchronizer waits."""
    return f"{domain.synchronizer} has a grace period running"


def readers_left(domain: Domain, task: Task, side: int) -> str:
    """Why a grace period does not end."""
    inside = domain.sides[side]
    verb = "has" if len(set(inside)) == 1 else "have"
    return f"{names(dict.fromkeys(inside), task)} {verb} not left the read-side critical section"


READ_LOCK = Operation(
    "srcu_read_lock", enter, takes=lambda result: True,
    effect_text="always: one reader more on the current side, result its index",
)  # fmt: skip
READ_UNLOCK = Operation(
    "srcu_read_unlock", leave, effect_text="always: one reader less on the side given; an error if not there"
)
FLIP = Operation(
    "synchronize_srcu", flip, no_grace_period, running, other_grace_period, sleeps=True,
    effect_text="when no grace period runs: one runs, and new readers go to the other side",
)  # fmt: skip
DRAIN = Operation(
    "synchronize_srcu (drain)", end_grace_period, is_drained, old_readers, readers_left, sleeps=True,
    effect_text="when nobody is left on the old side: the grace period is over",
)  # fmt: skip


class SRCU(Resource):
    """An SRCU domain (``struct srcu_struct``). Value: a `Domain`."""

    operations = (READ_LOCK, READ_UNLOCK, FLIP, DRAIN)

    def __init__(self) -> None:
        super().__init__(Domain())

    def read_lock(self) -> int:
        """Enter a read-side critical section; return its index, 0 or 1 (``srcu_read_lock()``). Never waits."""
        return int(perform(self, READ_LOCK))

    def read_unlock(self, index: int) -> None:
        """Leave the read-side critical section that `index` came from (``srcu_read_unlock()``).

        Raises:
            LockError: the caller entered with another index, or not at all.
        """
        perform(self, READ_UNLOCK, index)

    def synchronize(self) -> None:
        """Wait until every reader that is inside now has left (``synchronize_srcu()``)."""
        side = perform(self, FLIP)
        perform(self, DRAIN, side)

    def read(self) -> Section[int]:
        """``with srcu.read():`` is a read-side critical section."""
        return Section(self.read_lock, self.read_unlock)

    @classmethod
    def held_by(cls, value: Domain) -> tuple[Task, ...]:
        """The readers on both sides."""
        return value.sides[0] + value.sides[1]

    @classmethod
    def describe(cls, value: Domain) -> dict[str, Any]:
        """``{"current": 0 or 1, "sides": [[…], […]], "synchronizer": task or None}``."""
        return {
            "current": value.current,
            "sides": [list(side) for side in value.sides],
            "synchronizer": value.synchronizer,
        }
