"""Reads a run, controlled or live: what happened so far, who has gone wrong, and why nobody can move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from kvmlab.errors import LockError
from kvmlab.location import Location
from kvmlab.operation import FREED, Resource
from kvmlab.scenario import Scenario
from kvmlab.task import TaskRun
from kvmlab.verdict import Deadlock, Failure, Schedule, Step, Wait, replay_string
from kvmlab.world import Home

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

    def blockers(self, number: int) -> tuple[str, ...]:
        """The tasks that task `number` waits for."""
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

    def note(self, number: int, result: Any) -> None:
        """Task `number` has performed what it asked for, with `result`. Call it before the task goes on."""
        fiber = self.run.fibers[number]
        fiber.operations += 1
        step = Step(fiber.name, fiber.operation.name, fiber.resource.label, result, fiber.location)
        self.numbers.append(number)
        self.steps.append(step)
        if fiber.operation.takes(result):
            self._taken[step.task, step.resource] = step

    @property
    def schedule(self) -> Schedule:
        """The schedule so far."""
        return Schedule(self.steps, replay_string(self.numbers))

    def fault(self, number: int) -> Failure | None:
        """What task `number` has done wrong, if anything."""
        fiber = self.run.fibers[number]
        ended = fiber.ended
        if ended is None:
            if fiber.operations < self._operations:
                return None
            return Failure(
                fiber.name, "endless",
                f"{fiber.name} has done {fiber.operations:,} operations and has not ended: does a loop wait by trying "
                "again? Wait in an operation that blocks, or bound the loop.",
                fiber.resource.label, fiber.location, self.schedule,
            )  # fmt: skip
        if ended.stuck:
            return stuck(fiber.name, ended.location, self.schedule)
        if ended.error is not None:
            error = ended.error
            lock = self.steps[-1].resource if isinstance(error, LockError) and self.steps else None
            return Failure(
                fiber.name, "raised", f"{fiber.name} raised {type(error).__name__}: {error}", lock, ended.location,
                self.schedule, error,
            )  # fmt: skip
        return self._still_held(fiber)

    def _still_held(self, fiber: TaskRun) -> Failure | None:
        for member in self.run.home.members.values():
            if isinstance(member, Resource) and fiber.name in holders(member, member.value):
                taken = self._taken.get((fiber.name, member.label))
                return Failure(
                    fiber.name, "held", f"{fiber.name} ended while it holds {member.label}.", member.label,
                    taken.location if taken else None, self.schedule,
                )  # fmt: skip
        return None

    def deadlock(self) -> Deadlock:
        """Why nobody can move now."""
        waiting = [number for number, fiber in enumerate(self.run.fibers) if fiber.ended is None]
        fibers = [self.run.fibers[number] for number in waiting]
        return Deadlock(
            self.schedule,
            tuple(
                Wait(fiber.name, fiber.resource.label, self.run.blockers(number))
                for number, fiber in zip(waiting, fibers, strict=True)
            ),
            {fiber.name: fiber.location for fiber in fibers},
            {fiber.name: fiber.operation.name for fiber in fibers},
            {fiber.name: fiber.operation.why(fiber.resource.value, fiber.name, *fiber.args) for fiber in fibers},
        )


def holders(resource: Resource, value: Any) -> tuple[str, ...]:
    """Who holds `resource` when its value is `value`; nobody holds a freed one."""
    return () if value is FREED else resource.held_by(value)


def stuck(task: str, where: Location | None, schedule: Schedule) -> Failure:
    """The verdict on a task that blocks, or spins, outside kvmlab's primitives."""
    return Failure(
        task, "stuck",
        f"{task} does not come back: it blocks outside kvmlab's primitives, or loops without an operation. "
        "Use kvmlab's own locks and completions, and nothing that sleeps or reads input.",
        None, where, schedule,
    )  # fmt: skip


def not_repeatable(task: str, before: str, now: str, location: Location | None, schedule: Schedule) -> Failure:
    """The verdict on a task that met the same results and did something else."""
    return Failure(
        task, "not repeatable",
        f"{task} is not repeatable: after the same results it did {before} once and {now} another time. Data that "
        "outlive a run (a global list, a random number, a clock) must not decide what it does.",
        None, location, schedule,
    )  # fmt: skip
