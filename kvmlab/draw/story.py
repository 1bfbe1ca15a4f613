"""Retells a schedule: who holds what, and who waits for what, after each of its operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kvmlab.controlled import Controlled, Fiber, watched
from kvmlab.diagnosis import OPERATIONS
from kvmlab.draw.refusal import named
from kvmlab.draw.words import is_queued, roles
from kvmlab.errors import ScenarioError
from kvmlab.operation import Resource
from kvmlab.printing import captured
from kvmlab.replay import numbers_of
from kvmlab.verdict import Deadlock, Exploration, Failure, Run, Schedule, plural

if TYPE_CHECKING:
    from kvmlab.scenario import Scenario

Told = Exploration | Run | Deadlock | Failure | Schedule
"""Whatever has a schedule."""


class Hold(NamedTuple):
    """What a task is to a lock; the roles are those of `words.HOLDS`."""

    lock: str
    role: str
    task: str


class Ask(NamedTuple):
    """What a task asks for.

    Attributes:
        operation, lock: the operation and what it is on.
        blocked: whether it has to wait.
        holders: if so, the tasks it waits for, each with its role at the lock.
        reason: if so, why.
        role: the task's own role at that lock already; empty if it has none.
    """

    operation: str
    lock: str
    blocked: bool
    holders: tuple[Hold, ...] = ()
    reason: str = ""
    role: str = ""


@dataclass(frozen=True)
class Moment:
    """How things stand between two operations.

    Attributes:
        holds: in the order in which the locks were made.
        asks: by task, what it asks for; a task that has ended is not there.
        raised: by task, the error that ended it.
    """

    holds: tuple[Hold, ...]
    asks: dict[str, Ask]
    raised: dict[str, str]

    @property
    def blocked(self) -> dict[str, Ask]:
        """What the tasks that have to wait ask for."""
        return {task: ask for task, ask in self.asks.items() if ask.blocked}


@dataclass(frozen=True)
class Story:
    """A schedule retold.

    Attributes:
        name: the scenario's.
        tasks: their names.
        schedule: the operations.
        moments: one before the first operation, and one after each.
    """

    name: str
    tasks: tuple[str, ...]
    schedule: Schedule
    moments: tuple[Moment, ...]

    @property
    def end(self) -> Moment:
        """How things stand at the end."""
        return self.moments[-1]

    @property
    def when(self) -> str:
        """``World, after 7 operations``."""
        return f"{self.name}, after {plural(len(self.schedule), 'operation')}"


def retell(told: Told) -> Story:
    """Repeat the schedule of `told` and note how things stand after each operation.

    Raises:
        ScenarioError: it has no schedule, or the schedule cannot be repeated.
    """
    schedule = _schedule_of(told)
    scenario = schedule.scenario
    if scenario is None:
        raise ScenarioError("this schedule cannot be repeated, so it cannot be drawn; its text is all there is")
    options: dict[str, Any] = {"timeouts": OPERATIONS, "notify_order": schedule.notify_order}
    with watched(), captured(), Controlled(scenario, **options) as run:
        run.start_all()
        moments = [_moment(run)]
        for at, number in enumerate(numbers_of(schedule.replay)):
            fiber = run.fibers[number] if number < len(run.fibers) else None
            if fiber is None or not run.can_move(fiber) or _does(fiber) != schedule[at][:3]:
                raise ScenarioError(_not_repeatable(scenario, schedule, at))
            run.move(fiber)
            moments.append(_moment(run))
        tasks = tuple(fiber.name for fiber in run.fibers)
    return Story(scenario.name, tasks, schedule, tuple(moments))


def _schedule_of(told: Told) -> Schedule:
    if isinstance(told, Schedule):
        return told
    if isinstance(told, Exploration):
        if told.shortest is None:
            raise ScenarioError(
                f"{told.scenario} is {told.verdict}: there is no deadlock or failure to draw. To draw one particular "
                'schedule, give the run that follows it: replay(scenario, "1-2-1").'
            )
        return told.shortest
    if isinstance(told, (Run, Deadlock, Failure)):
        return told.schedule
    raise ScenarioError(
        "to draw, give what explore(), run() or replay() returned, a deadlock or failure out of it, or a schedule, not "
        f"{named(told)}"
    )


def _moment(run: Controlled) -> Moment:
    members = [member for member in run.home.members.values() if isinstance(member, Resource)]
    holds = tuple(Hold(lock.label, role, task) for lock in members for role, task in roles(lock, lock.value))
    return Moment(
        holds,
        {fiber.name: _ask(run, fiber) for fiber in run.fibers if fiber.ended is None},
        {fiber.name: _error(fiber) for fiber in run.fibers if fiber.ended and fiber.ended.error},
    )


def _ask(run: Controlled, fiber: Fiber) -> Ask:
    lock, value = fiber.resource, fiber.resource.value
    if run.can_move(fiber):
        return Ask(fiber.operation.name, lock.label, False)
    known = roles(lock, value)
    waited_for = []
    for task in run.blockers(fiber):
        # A task can be two things to a lock: who waits for another waits for its later role, for itself, its first.
        mine = [role for role, other in known if other == task] or [
            "queued" if is_queued(lock, value, task) else "unknown"
        ]
        waited_for.append(Hold(lock.label, mine[0] if task == fiber.name else mine[-1], task))
    own = [role for role, task in known if task == fiber.name]
    reason = fiber.operation.why(value, fiber.name, *fiber.args)
    return Ask(fiber.operation.name, lock.label, True, tuple(waited_for), reason, own[-1] if own else "")


def _does(fiber: Fiber) -> tuple[str, str, str]:
    return fiber.name, fiber.operation.name, fiber.resource.label


def _error(fiber: Fiber) -> str:
    assert fiber.ended is not None
    return type(fiber.ended.error).__name__


def _not_repeatable(scenario: Scenario, schedule: Schedule, at: int) -> str:
    step = schedule[at]
    return (
        f"{scenario.name} cannot be drawn: repeated, its schedule does not come to operation {at + 1}, "
        f"{step.operation}({step.resource}) of {step.task}. Data that outlive a run must not decide what a task does."
    )
