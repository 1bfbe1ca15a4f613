"""The oracle of the search by traces: every schedule, one after another, and which of them are equivalent.

It shares nothing with the search but the runtime: it merges nothing, and it finds out what happens before what by
comparing every pair of operations.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kvmlab.controlled import Controlled, Fiber
from kvmlab.diagnosis import holders, wrong
from kvmlab.operation import Operation, Resource, can_expire
from kvmlab.scenario import Scenario

OPERATIONS = 300


class TooMany(Exception):
    """There are more schedules than the oracle may run."""


@dataclass
class Everything:
    """All schedules of a program.

    Attributes:
        schedules: how many complete ones there are.
        classes: by what makes a class different, what its schedules come to.
        deadlocks: by who waits where for whom, the length of a shortest schedule.
        failures: by task and fault, likewise.
    """

    schedules: int = 0
    classes: dict[Any, Any] = field(default_factory=dict)
    deadlocks: dict[Any, int] = field(default_factory=dict)
    failures: dict[Any, int] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """What `explore` has to say."""
        return "deadlock" if self.deadlocks else "failed" if self.failures else "proven"


@dataclass
class Happened:
    """An operation that has happened.

    Attributes:
        lost: the other tasks that no longer hold the resource after it.
        before: the positions of what happens before it.
    """

    task: str
    operation: Operation
    resource: Any
    result: Any
    lost: frozenset[str]
    before: frozenset[int] = frozenset()

    def depends(self, other: Happened) -> bool:
        """One task's, or on one resource and not both reads, or one took away what the other's task had."""
        reads = self.operation.reads(self.result) and other.operation.reads(other.result)
        if self.task == other.task or (self.resource == other.resource and not reads):
            return True
        return self.task in other.lost or other.task in self.lost


class Walk:
    """One run, operation by operation. A task that has gone wrong is gone; the others go on."""

    def __init__(self, scenario: Scenario, **options: Any) -> None:
        self.run = Controlled(scenario, **options)
        self.run.start_all()
        self.happened: list[Happened] = []
        self.parents: dict[str, int] = {}
        self.wrong: dict[str, Any] = {}
        self.first: tuple[int, list[Any]] | None = None
        self._judge(0)

    def movable(self) -> list[str]:
        """Who can move now."""
        return [one.name for one in self.run.fibers if one.name not in self.wrong and self.run.can_move(one)]

    def move(self, task: str) -> None:
        """Let `task` do its operation."""
        fiber = self.run.named(task)
        operation, resource, known = fiber.operation, fiber.resource, len(self.run.fibers)
        had = set(holders(resource, resource.value))
        result = self.run.move(fiber)
        lost = frozenset(had - {task, *holders(resource, resource.value)})
        now = Happened(task, operation, resource.key, result, lost)
        at, before = len(self.happened), set[int]()
        if task in self.parents and not any(one.task == task for one in self.happened):
            before |= {self.parents[task], *self.happened[self.parents[task]].before}
        for position, one in enumerate(self.happened):
            if one.depends(now):
                before |= {position, *one.before}
        self.happened.append(replace(now, before=frozenset(before)))
        for born in self.run.fibers[known:]:
            self.parents[born.name] = at
        self._judge(len(self.happened))

    def _judge(self, length: int) -> None:
        now = []
        for fiber in self.run.fibers:
            if fiber.name not in self.wrong:
                fault = wrong(fiber, self.run.home, OPERATIONS)
                if fault:
                    self.wrong[fiber.name] = fault
                    now.append((fiber.name, fault))
        if now and self.first is None:
            self.first = (length, now)

    def class_key(self) -> Any:
        """As `TraceSearch.class_key`, found in another way."""
        tasks = sorted({one.task for one in self.happened})
        return tuple((task, tuple(self._marks(task))) for task in tasks)

    def _marks(self, task: str) -> Iterator[Any]:
        for at, one in enumerate(self.happened):
            if one.task == task:
                causes = [self.happened[position].task for position in [*one.before, at]]
                counted = tuple((name, causes.count(name)) for name in sorted(set(causes)))
                yield one.operation.name, repr(one.result), counted

    def end(self) -> Any:
        """What all schedules of a class have to have in common: every value, and how every task ended."""
        values = {
            member.key: repr(member.value) for member in self.run.home.members.values() if isinstance(member, Resource)
        }
        return values, {fiber.name: _stand(fiber) for fiber in self.run.fibers}

    def deadlock(self) -> Any:
        """Who waits where for whom; None if somebody only waits for a timeout that it has used up."""
        waiting = [fiber for fiber in self.run.fibers if fiber.ended is None]
        if any(can_expire(one.operation, one.resource.value, one.name, one.args) for one in waiting):
            return None
        return frozenset((one.name, one.resource.key, one.location, self.run.blockers(one)) for one in waiting)


def _stand(fiber: Fiber) -> Any:
    if fiber.ended is None:
        return fiber.operation.name, fiber.resource.key, fiber.args
    return type(fiber.ended.error).__name__, str(fiber.ended.error)


def everything(scenario: Scenario, limit: int, **options: Any) -> Everything:
    """Run every schedule.

    Raises:
        TooMany: there are more than `limit`.
        AssertionError: two equivalent schedules come to different ends.
    """
    found = Everything()
    todo: list[tuple[str, ...]] = [()]
    while todo:
        if found.schedules >= limit:
            raise TooMany
        way = todo.pop()
        walk = Walk(scenario, **options)
        with walk.run:
            for task in way:
                walk.move(task)
            while movable := walk.movable():
                todo += [(*way, task) for task in movable[1:]]
                way = (*way, movable[0])
                walk.move(movable[0])
            _note(found, walk)
    return found


def _note(found: Everything, walk: Walk) -> None:
    found.schedules += 1
    key, end = walk.class_key(), walk.end()
    assert found.classes.setdefault(key, end) == end, f"equivalent schedules end differently: {key}"
    if walk.first is not None:
        length, faults = walk.first
        for fault in faults:
            found.failures[fault] = min(length, found.failures.get(fault, length))
    elif any(fiber.ended is None for fiber in walk.run.fibers):
        dead = walk.deadlock()
        if dead is not None:
            length = len(walk.happened)
            found.deadlocks[dead] = min(length, found.deadlocks.get(dead, length))
