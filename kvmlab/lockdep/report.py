"""What lockdep has to say, as data.

Kernel: print_circular_bug(), print_deadlock_bug() and the other print_*_bug() of kernel/locking/lockdep.c, 6.12. The
parts are the kernel's, the layout is ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kvmlab.lockdep import sentence, text
from kvmlab.lockdep.checker import Circle
from kvmlab.lockdep.dependency import dependency
from kvmlab.lockdep.held import HeldLock
from kvmlab.lockdep.kinds import Strength

CIRCULAR = "possible circular locking"
RECURSIVE = "possible recursive locking"
BAD_UNLOCK = "bad unlock balance"
INVALID_WAIT = "Invalid wait context"
NEST_NOT_HELD = "Nested lock was not taken"
NEST_CONFUSED = "DEBUG_LOCKS_WARN_ON(!hlock->nest_lock)"
HELD_AT_EXIT = "still has locks held"
HELD_FREED = "held lock freed"
TOO_DEEP = "MAX_LOCK_DEPTH too low"
SUSPICIOUS_RCU = "suspicious RCU usage"
NOT_HELD = "assertion failed: lock not held"

WARNINGS = frozenset({SUSPICIOUS_RCU, NOT_HELD})
"""Kinds after which lockdep goes on: measured as not disarming (lockdep-measured, section 6, item 9)."""


@dataclass(frozen=True)
class Mention:
    """One acquisition in a report.

    Attributes:
        lock: the instance.
        cls: its class.
        verb: "lock", "rlock" for a read, "sync" for a wait for readers.
        task: who.
        where: the place in the source.
    """

    lock: str
    cls: str
    verb: str
    task: str
    where: str


@dataclass(frozen=True)
class ChainLink:
    """One `-> #n` of the existing dependency chain: `cls` was asked for while `under` was held.

    Attributes:
        number: n; 0 is the acquisition that is being reported.
        cls: the class asked for.
        under: the class that was held.
        dep: the type of the dependency, "EN", "ER", "SN" or "SR".
        task: who asked.
        where: the place in the source where it asked.
    """

    number: int
    cls: str
    under: str
    dep: str
    task: str
    where: str


@dataclass(frozen=True)
class ScenarioLine:
    """One line of "Possible unsafe locking scenario": what which of the two CPUs does.

    Only the two locks of the new dependency get "rlock" or "sync". The kernel prints these since v6.4, and "lock"
    before; we print them for 6.1 too.
    """

    cpu: int
    verb: str
    cls: str


@dataclass(frozen=True)
class Report:
    """One report; `str(report)` is the whole text.

    Attributes:
        kind: what kind of trouble, one of the constants of this module.
        requested: the acquisition, or other operation, that brought it to light.
        held: the lock already held that is in the way, None when no single one is.
        cycle: the class names in order from the requested one, first repeated last; empty when there is no cycle.
        chain: the existing dependencies, in reverse order, #0 last; only in a circular report.
        chain_exists: first, middle and last of "Chain exists of", None for a circle of two.
        scenario: the lines of "Possible unsafe locking scenario", for two CPUs even when more tasks are needed.
        locks_held: what the task held, outermost first.
        sentence: what it means, for the reader.
    """

    kind: str
    requested: Mention
    held: Mention | None = None
    cycle: tuple[str, ...] = ()
    chain: tuple[ChainLink, ...] = ()
    chain_exists: tuple[str, str, str] | None = None
    scenario: tuple[ScenarioLine, ...] = ()
    locks_held: tuple[Mention, ...] = ()
    sentence: str = ""

    @property
    def final(self) -> bool:
        """Whether lockdep is off after this report."""
        return self.kind not in WARNINGS

    def __str__(self) -> str:
        return text.render(self)


def mention(held: HeldLock) -> Mention:
    """An acquisition as reports show it."""
    verb = "sync" if held.sync else "lock" if held.strength is Strength.EXCLUSIVE else "rlock"
    return Mention(held.lock.name, str(held.cls), verb, held.task, held.where)


def circular(asked: HeldLock, circle: Circle, stack: Iterable[HeldLock]) -> Report:
    """Asking for `asked` closes a circle. Kernel: print_circular_bug(), 6.12."""
    first, last = str(asked.cls), str(circle.held.cls)
    between = circle.path[-1].edge.outer
    new, old = mention(asked), mention(circle.held)
    links = [
        ChainLink(
            number,
            str(hop.edge.inner),
            str(hop.edge.outer),
            hop.dep.value,
            hop.witness.inner.task,
            hop.witness.inner.where,
        )
        for number, hop in enumerate(circle.path, start=1)
    ]
    closing = dependency(circle.held.strength, asked.strength)
    links.insert(0, ChainLink(0, first, last, closing.value, asked.task, asked.where))
    return Report(
        CIRCULAR,
        new,
        old,
        cycle=(first, *(str(hop.edge.inner) for hop in circle.path), first),
        chain=tuple(reversed(links)),
        chain_exists=None if between is asked.cls else (first, str(between), last),
        scenario=(
            ScenarioLine(0, old.verb, last),
            ScenarioLine(1, "lock", str(between)),
            ScenarioLine(1, "lock", last),
            ScenarioLine(0, new.verb, first),
        ),
        locks_held=tuple(map(mention, stack)),
        sentence=sentence.circular(asked, circle),
    )


def recursive(asked: HeldLock, held: HeldLock, stack: Iterable[HeldLock]) -> Report:
    """The task already holds the class it asks for. Kernel: print_deadlock_bug(), 6.12.

    The scenario shows plain `lock` even for reads and waits, as the kernel's does.
    """
    name = str(asked.cls)
    return Report(
        RECURSIVE,
        mention(asked),
        mention(held),
        cycle=(name, name),
        scenario=(ScenarioLine(0, "lock", name), ScenarioLine(0, "lock", name)),
        locks_held=tuple(map(mention, stack)),
        sentence=sentence.recursive(asked, held),
    )


def invalid_wait(asked: HeldLock, held: HeldLock, stack: Iterable[HeldLock]) -> Report:
    """The task would sleep where it must not. Kernel: print_lock_invalid_wait_context(), 6.12."""
    return Report(
        INVALID_WAIT,
        mention(asked),
        mention(held),
        locks_held=tuple(map(mention, stack)),
        sentence=sentence.invalid_wait(asked, held),
    )


def plain(kind: str, about: Mention, stack: Iterable[HeldLock], meaning: str) -> Report:
    """What is wrong with one operation, when there is no cycle."""
    return Report(kind, about, locks_held=tuple(map(mention, stack)), sentence=meaning)
