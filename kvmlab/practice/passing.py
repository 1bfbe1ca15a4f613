"""Who walks past a writer that waits: a watch for reader/writer locks that a reader of the book has built.

The lock may be made of anything, so nothing in it is looked at. A task is *inside* when it stands before its operation
on the room that the lock guards, or before the one after it, the first with which it leaves. It *waits* when it cannot
move although nobody is on the way: every other task is inside, waits, has ended, or has not begun.

A reader who has not begun may be thought to come at any moment before its first operation. So it comes, in one schedule
or another, while each of those waits whom it could have found waiting. It must not be inside before any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
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
        before: by reader, the writers that wait or have waited while it had not begun.
    """

    way: list[str] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    inside: set[str] = field(default_factory=set)
    before: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Passed:
    """A reader was inside before a writer that waited when the reader came.

    Attributes:
        reader, writer: who.
        asks: the operation before which the writer stands.
        way: the tasks that moved before, in order.
    """

    reader: str
    writer: str
    asks: str
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
        assert isinstance(fiber.runtime, Controlled)
        self.borrowed = self.borrowed or isinstance(fiber.resource, PercpuRwsem)
        if fiber.resource.label == self._room:
            moment.entered.add(fiber.name)
            moment.inside.add(fiber.name)
            for writer in sorted(moment.before.get(fiber.name, set()) - moment.entered):
                if self.passed is None or len(moment.way) < len(self.passed.way):
                    asks = fiber.runtime.named(writer).operation.name
                    self.passed = Passed(fiber.name, writer, asks, tuple(moment.way))
        fibers = fiber.runtime.fibers
        waiting = self._waiting(fibers, moment)
        for one in fibers:
            if waiting and one.name not in moment.begun and not one.name.startswith(self._writers):
                moment.before.setdefault(one.name, set()).update(waiting)

    def got(self, fiber: Fiber, result: Any) -> None:
        """Note who has moved."""
        moment = self._moment(fiber)
        moment.way.append(fiber.name)
        moment.begun.add(fiber.name)
        if fiber.resource.label != self._room:
            moment.inside.discard(fiber.name)

    def _waiting(self, fibers: Sequence[Fiber], moment: Moment) -> set[str]:
        """The writers that wait; none as long as somebody is on the way."""
        waiting = set()
        for fiber in fibers:
            if fiber.ended is not None or fiber.name in moment.inside:
                continue
            if not hasattr(fiber, "operation"):
                return set()  # it has not even been started
            if not ready(fiber.operation, fiber.resource.value, fiber.name, fiber.args):
                waiting.add(fiber.name)
            elif fiber.name in moment.begun:
                return set()
        return {name for name in waiting if name.startswith(self._writers)}

    def _moment(self, fiber: Fiber) -> Moment:
        assert fiber.home is not None
        return self._moments.setdefault(fiber.home, Moment())
