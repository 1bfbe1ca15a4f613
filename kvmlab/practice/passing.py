"""Who walks past a writer that waits: a watch for reader/writer locks that a reader of the book has built.

The lock may be made of anything, so nothing in it is looked at. A task is *inside* when it stands before its operation
on the room that the lock guards, or before the one after it, the first with which it leaves. It *waits* when it cannot
move although nobody is on the way: every other task is inside, waits, has ended, or has not begun. A reader who begins
in such a moment finds waiting writers, and must not be inside before they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from kvmlab.controlled import Controlled, Fiber
from kvmlab.operation import ready
from kvmlab.primitives import PercpuRwsem
from kvmlab.world import Home


@dataclass
class Moment:
    """One run, as far as it has come.

    Attributes:
        way: the tasks that moved, in order.
        begun: the tasks that have moved.
        entered: the tasks that have been inside.
        inside: the tasks that are.
        waiting: the writers that wait now; None when somebody is on the way, so that nobody can tell.
        before: by task, the writers that it found waiting.
    """

    way: list[str] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)
    waiting: frozenset[str] | None = None
    before: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Passed:
    """A reader was inside before a writer that it had found waiting.

    Attributes:
        reader, writer: who.
        way: the tasks that moved before, in order.
    """

    reader: str
    writer: str
    way: tuple[str, ...]


class PassingWatch:
    """Watches controlled runs (search by traces) for readers that walk past a writer who waits.

    Args:
        room: the name of the resource that every task operates on inside, once.
        writers: how the names of writing tasks begin.

    Attributes:
        passed: the shortest way to a reader who walked past; None if there was none.
        borrowed: whether somebody used a reader/writer lock of `kvmlab`.
    """

    def __init__(self, room: str, writers: str) -> None:
        self.passed: Passed | None = None
        self.borrowed = False
        self._room = room
        self._writers = writers
        self._moments: WeakKeyDictionary[Home, Moment] = WeakKeyDictionary()

    def asks(self, fiber: Fiber) -> None:
        """Note who is inside and who waits, now that every task stands still."""
        moment = self._moment(fiber)
        self.borrowed = self.borrowed or isinstance(fiber.resource, PercpuRwsem)
        if fiber.resource.label == self._room:
            moment.entered.add(fiber.name)
            moment.inside.add(fiber.name)
            for writer in sorted(moment.before.get(fiber.name, frozenset()) - moment.entered):
                if self.passed is None or len(moment.way) < len(self.passed.way):
                    self.passed = Passed(fiber.name, writer, tuple(moment.way))
        moment.waiting = self._waiting(fiber, moment)

    def got(self, fiber: Fiber, result: Any) -> None:
        """Note whom `fiber` found waiting, if this was its first operation."""
        moment = self._moment(fiber)
        moment.way.append(fiber.name)
        if fiber.name not in moment.begun:
            moment.begun.add(fiber.name)
            if moment.waiting and not fiber.name.startswith(self._writers):
                moment.before[fiber.name] = moment.waiting
        if fiber.resource.label != self._room:
            moment.inside.discard(fiber.name)
        moment.waiting = None

    def _waiting(self, asking: Fiber, moment: Moment) -> frozenset[str] | None:
        assert isinstance(asking.runtime, Controlled)
        waiting = set()
        for fiber in asking.runtime.fibers:
            if fiber.ended is not None:
                continue
            if not hasattr(fiber, "operation"):
                return None  # it has not even been started
            if fiber.name in moment.inside:
                continue
            if not ready(fiber.operation, fiber.resource.value, fiber.name, fiber.args):
                waiting.add(fiber.name)
            elif fiber.name in moment.begun:
                return None
        return frozenset(name for name in waiting if name.startswith(self._writers))

    def _moment(self, fiber: Fiber) -> Moment:
        assert fiber.home is not None
        return self._moments.setdefault(fiber.home, Moment())
