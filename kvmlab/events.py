"""Operations as events, which of them depend on one another, and trees of beginnings that are still to be tried.

Operations of two tasks on different resources are independent, with one exception. Whoever releases a lock that another
task took decides whether that one still holds it at its end, so such a release depends on everything that the other
does. (On its last operation alone would not do: which one is the last may depend on the order of others.) All schedules
of a class then agree on who ended while it held what.

Source: P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order
Reduction", Journal of the ACM 64(4), 2017: weak initials, and wakeup trees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from kvmlab.diagnosis import holders
from kvmlab.operation import Operation, Resource, can_expire, outcome, ready
from kvmlab.world import Key


@dataclass(slots=True, eq=False)
class Event:
    """An operation that has happened in a run, or would happen in another.

    Attributes:
        task: who does it.
        resource: on what.
        reads: it leaves the value alone (see `Operation.reads`).
        operation, args, result: what is done.
        expires: whether the task may still end it by a timeout.
        kind: what sort of resource it is.
        before: the resource's value before it.
        robs: the other tasks that held the resource before it and do not after it.
        clock: by task, the position of the last operation that is this one or happens before it.
        races: the earlier positions that it races with and what it does there, as far as they need another look.
    """

    task: str
    resource: Key
    reads: bool
    operation: Operation
    args: tuple[Any, ...]
    expires: bool
    kind: type[Resource]
    result: Any = None
    before: Any = None
    robs: tuple[str, ...] = ()
    clock: dict[str, int] = field(default_factory=dict)
    races: list[tuple[int, Event]] = field(default_factory=list)

    def depends(self, other: Event) -> bool:
        """Whether the order of the two matters."""
        if self.task == other.task or (self.resource == other.resource and not (self.reads and other.reads)):
            return True
        return self.task in other.robs or other.task in self.robs

    def on(self, value: Any) -> Event | None:
        """The same operation on another value of the resource; None if it would have to wait there."""
        if not ready(self.operation, value, self.task, self.args):
            expired = self.expires and can_expire(self.operation, value, self.task, self.args)
            if not expired:
                return None
        after, result = outcome(self.operation, value, self.task, self.args)
        robs = robbed(self.kind, self.task, value, after)
        return Event(
            self.task, self.resource, self.operation.reads(result), self.operation, self.args, self.expires, self.kind,
            result, robs=robs,
        )  # fmt: skip


def robbed(kind: type[Resource], task: str, before: Any, after: Any) -> tuple[str, ...]:
    """The tasks but `task` that held a resource of `kind` when its value was `before` and do not when it is `after`."""
    owners = holders(kind, before)
    if not owners or owners == (task,):
        return ()
    left = holders(kind, after)
    return tuple(one for one in owners if one != task and one not in left)


@dataclass(slots=True)
class Branch:
    """A beginning: `task` does `event` here, then one of `following`, or anything if nothing follows."""

    task: str
    event: Event | None = None
    following: list[Branch] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """One position of the schedule under study.

    Attributes:
        sleep: what has been tried here, or is covered elsewhere, by task.
        branches: what is to be tried; the first is being tried.
    """

    sleep: dict[str, Event]
    branches: list[Branch]


def can_begin(event: Event, sequence: list[Event]) -> bool:
    """Whether `sequence` could as well begin with `event` (which is in it, or independent of all of it)."""
    for other in sequence:
        if other.task == event.task:
            return True
        if other.depends(event):
            return False
    return True


def begins_anyway(events: Iterable[Event], sequence: list[Event]) -> bool:
    """Whether one of `events` is in `sequence` and could as well begin it, whatever follows."""
    tasks = {one.task for one in sequence}
    return any(event.task in tasks and can_begin(event, sequence) for event in events)


def plant(branches: list[Branch], sequence: list[Event]) -> None:
    """Add `sequence` to a tree of beginnings, unless one of them covers it."""
    while sequence:
        branch = next((one for one in branches if one.event and can_begin(one.event, sequence)), None)
        if branch is None:
            for event in sequence:
                branches.append(Branch(event.task, event))
                branches = branches[-1].following
            return
        if not branch.following:
            return
        for at, event in enumerate(sequence):
            if event.task == branch.task:
                sequence = sequence[:at] + sequence[at + 1 :]
                break
        branches = branch.following
