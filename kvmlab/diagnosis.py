"""Reads a run, controlled or live: what happened so far, who has gone wrong, and why nobody can move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from kvmlab.errors import LockError, steady
from kvmlab.location import NOWHERE, Location
from kvmlab.operation import FREED, Resource
from kvmlab.scenario import Scenario
from kvmlab.task import TaskRun
from kvmlab.verdict import Deadlock, Failure, Schedule, Step, Wait, replay_string
from kvmlab.world import Home

if TYPE_CHECKING:
    from kvmlab.races import Access

OPERATIONS = 300
"""How many operations a task may do in one run before it counts as endless."""


class Recorded(Protocol):
    """A run, controlled or live, as far as it can be read."""

    home: Home
    scenario: Scenario

    @property
    def fibers(self) -> Sequence[TaskRun]:
        """The tasks."""
        ...

    def blockers(self, fiber: TaskRun) -> tuple[str, ...]:
        """The tasks that `fiber` waits for."""
        ...


class Recorder:
    """Keeps the schedule of a run.

    Attributes:
        run: the run.
        numbers: the tasks that moved, from 0, in order.
        steps: what they did.
    """

    def __init__(self, run: Recorded, operations: int = OPERATIONS) -> None:
        self.run = run
        self.numbers: list[int] = []
        self.steps: list[Step] = []
        self._operations = operations
        self._taken: dict[tuple[str, str], Step] = {}

    def note(self, fiber: TaskRun, result: Any) -> None:
        """`fiber` has performed what it asked for, with `result`. Call it before the task goes on."""
        step = Step(fiber.name, fiber.operation.name, fiber.resource.label, result, fiber.location)
        self.numbers.append(self.run.fibers.index(fiber))
        self.steps.append(step)
        if fiber.operation.takes(result):
            self._taken[step.task, step.resource] = step

    @property
    def schedule(self) -> Schedule:
        """The schedule so far."""
        budget = None if self._operations == OPERATIONS else self._operations
        order = self.run.home.notify_order
        return Schedule(self.steps, replay_string(self.numbers), self.run.scenario, order, budget)

    def fault(self, fiber: TaskRun) -> Failure | None:
        """What `fiber` has done wrong, if anything."""
        fault = wrong(fiber, self.run.home, self._operations)
        if fault is None:
            return None
        if fault.kind == "stuck":
            return stuck(fiber.name, fault.location, self.schedule, fault.text)
        if fault.kind == "endless":
            return Failure(
                fiber.name, fault.kind,
                f"{fiber.name} has done {fiber.operations:,} operations and has not ended: does a loop wait by trying "
                "again? Wait in an operation that blocks, or bound the loop.",
                fiber.resource.label, _named(fiber.location), self.schedule,
            )  # fmt: skip
        if fault.kind == "held":
            taken = self._taken.get((fiber.name, fault.lock))
            where = _named(taken.location) if taken else None
            message = f"{fiber.name} ended while it holds {fault.lock}."
            return Failure(fiber.name, fault.kind, message, fault.lock, where, self.schedule)
        error = fiber.ended.error if fiber.ended else None
        lock = error.lock if isinstance(error, LockError) else None
        message = f"{fiber.name} raised {fault.text}"
        return Failure(fiber.name, fault.kind, message, lock, fault.location, self.schedule, error)

    def deadlock(self) -> Deadlock:
        """Why nobody can move now."""
        fibers = [fiber for fiber in self.run.fibers if fiber.ended is None]
        return Deadlock(
            self.schedule,
            tuple(Wait(fiber.name, fiber.resource.label, self.run.blockers(fiber)) for fiber in fibers),
            {fiber.name: fiber.location for fiber in fibers},
            {fiber.name: fiber.operation.name for fiber in fibers},
            {fiber.name: fiber.operation.why(fiber.resource.value, fiber.name, *fiber.args) for fiber in fibers},
        )


class Wrong(NamedTuple):
    """What a task has done wrong, as far as one can tell without the schedule.

    Attributes:
        kind: ``endless``, ``stuck``, ``raised`` or ``held``, see `Failure`.
        text: why the task had to be ended; or the error, its class and what it says.
        lock: the name of the lock that it still holds.
        location: the reader's line, if there is one to name.
    """

    kind: str
    text: str = ""
    lock: str = ""
    location: Location | None = None


def wrong(fiber: TaskRun, home: Home, operations: int) -> Wrong | None:
    """What `fiber` has done wrong; None if nothing."""
    ended = fiber.ended
    if ended is None:
        return Wrong("endless") if fiber.operations >= operations else None
    if ended.stuck:
        return Wrong("stuck", ended.stuck, location=ended.location)
    if ended.error is not None:
        said = steady(str(ended.error))
        text = f"{type(ended.error).__name__}{': ' * bool(said)}{said}"
        return Wrong("raised", text, location=ended.location)
    for member in list(home.members.values()):  # in a live run, others add to them meanwhile
        if isinstance(member, Resource) and fiber.name in holders(member, member.value):
            return Wrong("held", lock=member.label)
    return None


def holders(resource: Resource | type[Resource], value: Any) -> tuple[str, ...]:
    """Who holds `resource` when its value is `value`; nobody holds a freed one."""
    return () if value is FREED else resource.held_by(value)


def stuck(task: str, where: Location | None, schedule: Schedule, why: str) -> Failure:
    """The verdict on a task that had to be ended; `why` is read after its name."""
    return Failure(task, "stuck", f"{task} {why}", None, _named(where), schedule)


def _named(line: Location | None) -> Location | None:
    """`line`, if there is one to name."""
    return None if line is NOWHERE else line


def race(first: Access, second: Access, schedule: Schedule) -> Failure:
    """The verdict on two accesses to plain data that nothing orders."""
    does = ("writes" if access.writes else "reads" for access in (first, second))
    message = (
        f"{first.task} {next(does)} {first.name} and {second.task} {next(does)} it, and nothing orders the two: a data "
        "race. Guard both with the same lock, or keep the value in a Shared."
    )
    return Failure(first.task, "race", message, None, first.location, schedule, also=second.location)


def not_repeatable(task: str, before: str, now: str, location: Location | None, schedule: Schedule) -> Failure:
    """The verdict on a task that met the same results and did something else."""
    return Failure(
        task, "not repeatable",
        f"{task} is not repeatable: after the same results it did {before} once and {now} another time. Data that "
        "outlive a run (a global list, a random number, a clock) must not decide what it does.",
        None, location, schedule,
    )  # fmt: skip
