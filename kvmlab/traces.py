"""Search by traces: run the program again and again, and leave out schedules that only swap independent operations.

Two schedules that differ by swapping neighbours that do not depend on each other are the same *class*; they reach the
same end. Sleep sets keep track of what has been tried: once a task's next operation has been explored from a state, it
sleeps, and is not tried again until something happens that it depends on. So each class is completed once.

This search runs real Python every time, so plain data may decide what a task does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvmlab.controlled import Controlled
from kvmlab.diagnosis import OPERATIONS, Recorder, not_repeatable
from kvmlab.replay import first_fault, step
from kvmlab.scenario import Scenario
from kvmlab.verdict import Failure
from kvmlab.world import Key


@dataclass(frozen=True, slots=True)
class Event:
    """An operation that has happened, as far as other operations can tell.

    Attributes:
        task: who did it, from 0.
        resource: on what.
        reads: it left the value alone (see `Operation.reads`).
    """

    task: int
    resource: Key
    reads: bool
    operation: str

    def independent(self, other: Event) -> bool:
        """Whether the two could have happened in the other order with the same effect."""
        return self.task != other.task and (self.resource != other.resource or (self.reads and other.reads))


@dataclass(slots=True)
class Frame:
    """One position of the schedule under study.

    Attributes:
        sleep: what must not be tried here, by task.
        todo: tasks still to be tried here.
        event: what is being tried.
    """

    sleep: dict[int, Event]
    todo: list[int]
    event: Event | None = None


class TraceSearch:
    """Every class of schedules, one run each.

    Attributes:
        classes: how many complete schedules were met, dead and failed ones included.
        runs: how many runs that took.
        deadlocks, failures: what they ended in, as found; see `explore` for the different ones.
        complete: whether that is all there is, or `limit` runs were used up.
    """

    def __init__(self, scenario: Scenario, limit: int, operations: int = OPERATIONS) -> None:
        self.scenario = scenario
        self.operations = operations
        self.classes = 0
        self.runs = 0
        self.deadlocks: dict[Any, tuple[int, ...]] = {}
        self.failures: dict[Any, tuple[int, ...]] = {}
        self.halted: Failure | None = None
        self.complete = True
        self._frames: list[Frame] = []
        while self.complete and self.halted is None:
            if self.runs >= limit:
                self.complete = False
                break
            self._run()
            if not self._backtrack():
                break

    def _backtrack(self) -> bool:
        """Put the tried event to sleep and move on to the next; false when nothing is left to try."""
        while self._frames:
            frame = self._frames[-1]
            if frame.event:
                frame.sleep[frame.event.task] = frame.event
                frame.event = None
            if frame.todo:
                return True
            self._frames.pop()
        return False

    def _run(self) -> None:
        """Repeat the schedule so far, then go on to its end."""
        self.runs += 1
        with Controlled(self.scenario) as run:
            run.start_all()
            recorder = Recorder(run, self.operations)
            failure = first_fault(recorder)
            for frame in self._frames[:-1]:
                assert frame.event is not None
                event, failure = self._step(run, recorder, frame.event.task)
                if event != frame.event:
                    self.halted = self._difference(recorder, frame.event, event)
                    return
            if failure is None:
                failure = self._go_on(run, recorder)
            if failure is not None:
                self._failed(recorder, failure)

    def _go_on(self, run: Controlled, recorder: Recorder) -> Failure | None:
        """Move the first task that is not asleep, until nobody is left or a task fails."""
        frame = self._frames[-1] if self._frames else self._enter(run, {})
        while frame.todo:
            event, failure = self._step(run, recorder, frame.todo.pop(0))
            frame.event = event
            if failure:
                return failure
            frame = self._enter(run, {task: other for task, other in frame.sleep.items() if other.independent(event)})
        if not any(run.can_move(number) for number in range(len(run.fibers))):
            self._ended(recorder)
        return None

    def _enter(self, run: Controlled, sleep: dict[int, Event]) -> Frame:
        todo = [number for number in range(len(run.fibers)) if number not in sleep and run.can_move(number)]
        self._frames.append(Frame(sleep, todo))
        return self._frames[-1]

    def _step(self, run: Controlled, recorder: Recorder, number: int) -> tuple[Event, Failure | None]:
        fiber = run.fibers[number]
        operation, key = fiber.operation, fiber.resource.key
        failure = step(run, recorder, number)
        result = recorder.steps[-1].result
        return Event(number, key, operation.reads(result), operation.name), failure

    def _ended(self, recorder: Recorder) -> None:
        self.classes += 1
        if all(fiber.ended for fiber in recorder.run.fibers):
            return
        deadlock = recorder.deadlock()
        self._keep(self.deadlocks, (deadlock.waits, tuple(deadlock.lines.values())), recorder)

    def _failed(self, recorder: Recorder, failure: Failure) -> None:
        self.classes += 1
        if failure.kind in {"stuck", "not repeatable"}:
            self.halted = failure
        self._keep(self.failures, (failure.task, failure.kind, failure.message, failure.location), recorder)

    @staticmethod
    def _keep(found: dict[Any, tuple[int, ...]], key: Any, recorder: Recorder) -> None:
        way = tuple(recorder.numbers)
        if key not in found or (len(way), way) < (len(found[key]), found[key]):
            found[key] = way

    def _difference(self, recorder: Recorder, before: Event, now: Event) -> Failure:
        step = recorder.steps[-1]
        return not_repeatable(
            step.task, before.operation, f"{now.operation} of {step.resource}", step.location, recorder.schedule
        )
