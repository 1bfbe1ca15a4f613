"""Runtime: every task is a greenlet; exactly one moves, when told.

The search, the stepper and replay are callers of it. A task runs until it asks for an operation and then stands still;
whoever drives the run decides whose operation happens next.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol

from greenlet import GreenletExit, getcurrent, greenlet

from kvmlab.errors import ScenarioError, Stuck, Unwound
from kvmlab.instead import advice
from kvmlab.location import caller
from kvmlab.operation import Operation, Resource, admit, blockers, can_expire, outcome, ready, settle
from kvmlab.scenario import Scenario
from kvmlab.task import Ended, TaskRun, birth, raised_at
from kvmlab.watchdog import Watchdog, does_not_come_back
from kvmlab.world import Actor, Home, here


class Fiber(TaskRun):
    """A task as a greenlet.

    Attributes:
        hub: whoever resumed it.
        refused: how many operations it has asked for while it was being unwound.
    """

    __slots__ = ("greenlet", "hub", "refused")

    hub: greenlet

    def __init__(self, name: str, runtime: Controlled, home: Home, body: Callable[[], object]) -> None:
        super().__init__(name, runtime, home)
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
            ended = Ended(error=error, location=raised_at(error) or self.begun_at)
        finally:
            self.ended = self.ending(ended)

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
            self.settled = Ended(stuck=does_not_come_back(advice(frame)), location=caller(frame, self.begun_at))
            self.unwinding = True
            raise Stuck
        self.ended = self.ending(Ended())
        Controlled.abandoned.append(self)
        self.hub.switch()  # never to return


class Observer(Protocol):
    """Sees what the tasks of every controlled run ask for; see `observed`."""

    def asks(self, fiber: Fiber) -> None:
        """`fiber` is about to stand still before an operation."""

    def got(self, fiber: Fiber, result: Any) -> None:
        """The operation has happened, with `result`, and `fiber` goes on."""


REFUSALS = 100
"""How often a task that is being unwound may ask for another operation before it is left where it is."""


class Controlled:
    """One run of a scenario under control.

    Args:
        scenario: what to run, in a fresh world.
        timeouts: how many timeouts may expire in one task.
        notify_order: whom `Condition.notify` wakes: ``fifo`` or ``any``.

    Attributes:
        fibers: one per task, those that a task has started last; they stand still before their next operation, or
            have ended.
    """

    steps = 0
    """How many times any fiber of the process was resumed: the sign of life that the watchdog looks at."""

    observer: Observer | None = None
    """Who is told of every operation; see `observed`."""

    abandoned: list[Fiber] = []
    """Fibers that neither went on nor could be ended. They are kept so that nothing resumes them."""

    def __init__(self, scenario: Scenario, *, timeouts: int = 1, notify_order: str = "fifo") -> None:
        self.scenario = scenario
        Controlled.steps += 1
        self.world, self.home = scenario.fresh()
        self.home.notify_order = notify_order
        self.fibers: list[Fiber] = []
        self._by_name: dict[str, Fiber] = {}
        self._timeouts = timeouts
        self._unborn: list[Fiber] = []
        for name, task in zip(scenario.task_names, scenario.tasks, strict=True):
            self._add(name, functools.partial(task, self.world))

    def named(self, task: str) -> Fiber:
        """The fiber of the task called `task`."""
        return self._by_name[task]

    def find(self, task: str) -> Fiber | None:
        """The fiber of the task called `task`; None while nobody has started it."""
        return self._by_name.get(task)

    def spawn(self, name: str, body: Callable[[], object]) -> str:
        """Called by a task: add another, which starts when this one next stands still. Return its name, made unique."""
        line = birth(len(self.fibers) - len(self.scenario.tasks))
        while name in self._by_name:
            name += "'"
        born = self._add(name, body)
        born.begun_at = line
        self._unborn.append(born)
        return name

    def _add(self, name: str, body: Callable[[], object]) -> Fiber:
        fiber = Fiber(name, self, self.home, body)
        self._by_name[name] = fiber
        self.fibers.append(fiber)
        return fiber

    def start(self, number: int) -> Fiber:
        """Let task `number` run to its first operation."""
        return self.resume(self.fibers[number], None)

    def start_all(self) -> None:
        """Let every task run to its first operation, in order."""
        for fiber in list(self.fibers):
            self.resume(fiber, None)

    def perform(self, actor: Actor, resource: Resource, operation: Operation, args: tuple[Any, ...]) -> Any:
        """Called by a task: stand still before `operation` until `resume`; return its result."""
        fiber = actor
        assert isinstance(fiber, Fiber)
        if fiber.unwinding:
            fiber.refuse()
        if fiber.home.intrusion:
            fiber.end_intruded()
        admit(fiber, resource, operation)
        fiber.resource, fiber.operation, fiber.args = resource, operation, args
        fiber.location = caller(sys._getframe(2), fiber.begun_at)
        if Controlled.observer:
            Controlled.observer.asks(fiber)
        result = fiber.hub.switch()
        if fiber.unwinding:
            raise Unwound
        if Controlled.observer:
            Controlled.observer.got(fiber, result)
        return settle(fiber, resource, operation, result)

    def resume(self, fiber: Fiber, result: Any) -> Fiber:
        """Give `fiber` the `result` of its operation and let it run to the next one, and whom it starts, too."""
        Controlled.steps += 1
        before, here.actor = here.actor, fiber
        fiber.hub = fiber.greenlet.parent = getcurrent()
        try:
            fiber.greenlet.switch(result) if fiber.greenlet else fiber.greenlet.switch()
        finally:
            here.actor = before
        while self._unborn:
            self.resume(self._unborn.pop(0), None)
        return fiber

    def can_move(self, fiber: Fiber) -> bool:
        """Whether `fiber` stands before an operation that can happen now, by a timeout if it has one left."""
        if fiber.ended is not None:
            return False
        operation, value, args = fiber.operation, fiber.resource.value, fiber.args
        if ready(operation, value, fiber.name, args):
            return True
        return self.may_expire(fiber) and can_expire(operation, value, fiber.name, args)

    def may_expire(self, fiber: Fiber) -> bool:
        """Whether `fiber` has a timeout left."""
        return fiber.expiries < self._timeouts

    def move(self, fiber: Fiber, note: Callable[[Fiber, Any], None] | None = None) -> Any:
        """Perform the operation that `fiber` stands before, `note` it, and let it go on; return the result."""
        resource, operation = fiber.resource, fiber.operation
        if operation.expires and not ready(operation, resource.value, fiber.name, fiber.args):
            fiber.expiries += 1
        resource.value, result = outcome(operation, resource.value, fiber.name, fiber.args)
        fiber.operations += 1
        if note is not None:
            note(fiber, result)
        self.resume(fiber, result)
        return result

    def blockers(self, fiber: TaskRun) -> tuple[str, ...]:
        """The tasks that `fiber` waits for."""
        return blockers(fiber.operation, fiber.resource.value, fiber.name, fiber.args)

    def close(self) -> None:
        """Unwind every task that has not ended; nothing is left behind."""
        self.home.over = True
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
    actor = here.actor
    if isinstance(actor, Fiber):
        if getcurrent() is actor.greenlet:
            actor.end_stuck_step(frame, again)
    elif actor is not None:  # a world is being made
        raise Stuck


@contextmanager
def watched() -> Iterator[None]:
    """Controlled runs inside are watched: a step that is stuck is ended.

    Raises:
        ScenarioError: a task called this; a search inside a search would never end.
    """
    if here.actor is not None:
        raise ScenarioError(f"{here.actor.name} explores or replays inside a task; do that outside of the scenario.")
    with Watchdog(lambda: Controlled.steps, _end_stuck_step):
        yield


@contextmanager
def observed(observer: Observer) -> Iterator[None]:
    """Tell `observer` of every operation of every controlled run inside.

    A search visits each task at each place that it can come to, so what is asked for in no schedule is not seen, and
    what is asked for in some schedule is. In the search by states a task is alone, fed with results.
    """
    before, Controlled.observer = Controlled.observer, observer
    try:
        yield
    finally:
        Controlled.observer = before
