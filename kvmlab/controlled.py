"""Runtime: every task is a greenlet; exactly one moves, when told.

The search, the stepper and replay are callers of it. A task runs until it asks for an operation and then stands still;
whoever drives the run decides whose operation happens next.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from kvmlab.errors import ScenarioError, Stuck, Unwound
from kvmlab.location import Location, caller
from kvmlab.operation import Operation, Resource, admit, blockers, outcome, ready, settle
from kvmlab.scenario import Scenario
from kvmlab.task import Ended, TaskRun, raised_at
from kvmlab.watchdog import Watchdog
from kvmlab.world import Actor, Home, here


class Fiber(TaskRun):
    """A task as a greenlet.

    Attributes:
        hub: whoever resumed it.
        stuck_at: the line at which the watchdog found it stuck; None if it did not.
        refused: how many operations it has asked for while it was being unwound.
    """

    __slots__ = ("greenlet", "hub", "refused", "stuck_at")

    hub: greenlet

    def __init__(self, name: str, runtime: Controlled, home: Home, body: Callable[[], object]) -> None:
        super().__init__(name, runtime, home)
        self.ended = None
        self.stuck_at: Location | None = None
        self.refused = 0
        self.greenlet = greenlet(lambda: self._main(body))

    def _main(self, body: Callable[[], object]) -> None:
        ended = Ended()
        try:
            body()
        except (Unwound, GreenletExit):
            ended = Ended(error=Unwound())
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            ended = Ended(error=error, location=raised_at(error))
        finally:
            self.ended = Ended(stuck=True, location=self.stuck_at) if self.stuck_at else ended

    def refuse(self) -> None:
        """Answer an operation asked for while the task is being unwound: unwind on, or leave it where it is."""
        self.refused += 1
        if self.refused > REFUSALS:
            Controlled.abandoned.append(self)
            self.hub.switch()
        raise Unwound

    def end_stuck_step(self, frame: FrameType | None, again: bool) -> None:
        """End the step that `frame` is in: unwind the task; if that did not help, leave it where it is."""
        if not again:
            self.stuck_at, self.unwinding = caller(frame), True
            raise Stuck
        self.ended = Ended(stuck=True, location=self.stuck_at)
        Controlled.abandoned.append(self)
        self.hub.switch()  # never to return


REFUSALS = 100
"""How often a task that is being unwound may ask for another operation before it is left where it is."""


class Controlled:
    """One run of a scenario under control.

    Args:
        scenario: what to run, in a fresh world.
        lines: note the reader's line for every operation (a third of the cost of a step).

    Attributes:
        fibers: one per task; those started stand still before their next operation, or have ended.
    """

    steps = 0
    """How many times any fiber of the process was resumed: the sign of life that the watchdog looks at."""

    abandoned: list[Fiber] = []
    """Fibers that neither went on nor could be ended. They are kept so that nothing resumes them."""

    def __init__(self, scenario: Scenario, *, lines: bool = True) -> None:
        self.scenario = scenario
        self.lines = lines
        self.world, self.home = scenario.fresh()
        self.fibers = [
            Fiber(name, self, self.home, lambda task=task: task(self.world))  # type: ignore[misc]
            for name, task in zip(scenario.task_names, scenario.tasks, strict=True)
        ]
        self._location = caller()

    def start(self, number: int) -> Fiber:
        """Let task `number` run to its first operation."""
        return self.resume(number, None)

    def start_all(self) -> None:
        """Let every task run to its first operation, in order."""
        for number in range(len(self.fibers)):
            self.resume(number, None)

    def perform(self, actor: Actor, resource: Resource, operation: Operation, args: tuple[Any, ...]) -> Any:
        """Called by a task: stand still before `operation` until `resume`; return its result."""
        fiber = actor
        assert isinstance(fiber, Fiber)
        if fiber.unwinding:
            fiber.refuse()
        admit(fiber, resource, operation)
        fiber.resource, fiber.operation, fiber.args = resource, operation, args
        fiber.location = caller(sys._getframe(2)) if self.lines else self._location
        result = fiber.hub.switch()
        if fiber.unwinding:
            raise Unwound
        return settle(fiber, resource, operation, result)

    def resume(self, number: int, result: Any) -> Fiber:
        """Give task `number` the `result` of its operation and let it run to the next one."""
        fiber = self.fibers[number]
        Controlled.steps += 1
        before, here.actor = here.actor, fiber
        fiber.hub = getcurrent()
        fiber.greenlet.parent = fiber.hub
        try:
            fiber.greenlet.switch(result) if fiber.greenlet else fiber.greenlet.switch()
        finally:
            here.actor = before
        return fiber

    def can_move(self, number: int) -> bool:
        """Whether task `number` stands before an operation that can happen now."""
        fiber = self.fibers[number]
        return fiber.ended is None and ready(fiber.operation, fiber.resource.value, fiber.name, fiber.args)

    def step(self, number: int, note: Callable[[int, Any], None]) -> None:
        """Perform the operation that task `number` stands before, `note` its result, and let the task go on."""
        fiber = self.fibers[number]
        resource = fiber.resource
        resource.value, result = outcome(fiber.operation, resource.value, fiber.name, fiber.args)
        note(number, result)
        self.resume(number, result)

    def blockers(self, number: int) -> tuple[str, ...]:
        """The tasks that task `number` waits for."""
        fiber = self.fibers[number]
        return blockers(fiber.operation, fiber.resource.value, fiber.name, fiber.args)

    def close(self) -> None:
        """Unwind every task that has not ended; nothing is left behind."""
        for fiber in self.fibers:
            if not fiber.greenlet or fiber.greenlet.dead or fiber in Controlled.abandoned:
                continue
            fiber.unwinding = True
            fiber.hub = fiber.greenlet.parent = getcurrent()
            before, here.actor = here.actor, fiber
            Controlled.steps += 1
            try:
                fiber.greenlet.throw(Unwound)
            finally:
                here.actor = before

    def __enter__(self) -> Controlled:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _end_stuck_step(frame: FrameType | None, again: bool) -> None:
    fiber = here.actor
    if isinstance(fiber, Fiber) and getcurrent() is fiber.greenlet:
        fiber.end_stuck_step(frame, again)


@contextmanager
def watched() -> Iterator[None]:
    """Controlled runs inside are watched: a step that is stuck is ended.

    Raises:
        ScenarioError: a task called this; a search inside a search would never end.
    """
    if here.actor is not None and isinstance(here.actor, Fiber):
        raise ScenarioError(f"{here.actor.name} explores or replays inside a task; do that outside of the scenario.")
    with Watchdog(lambda: Controlled.steps, _end_stuck_step):
        yield
