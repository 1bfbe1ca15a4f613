"""Runtime: every task is an operating-system thread; a monitor performs the operations.

The monitor knows the guard that each waiting task waits on, and performs its operation the moment the guard holds. So
a task waits exactly as long as its guard does not hold, and "nobody runs, somebody waits" is a deadlock: no timeout, no
guess. Then every waiting task is unwound and its thread ends.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from kvmlab.diagnosis import Recorder, stuck
from kvmlab.errors import ScenarioError, Stuck, Unwound, shown
from kvmlab.instead import advice
from kvmlab.location import NOWHERE, caller
from kvmlab.operation import Operation, Resource, admit, blockers, can_expire, outcome, ready, settle
from kvmlab.printing import captured
from kvmlab.replay import read
from kvmlab.scenario import Scenario
from kvmlab.task import Ended, TaskRun, birth, raised_at
from kvmlab.verdict import Deadlock, Failure, Run, Schedule
from kvmlab.watchdog import PATIENCE, TICK, Watchdog, does_not_come_back
from kvmlab.world import Actor, Home, here

OPERATIONS = 10_000
"""How many operations a task may do in one live run before it counts as endless."""


def run(scenario: Scenario, schedule: str | Schedule | None = None, *, max_operations: int = OPERATIONS) -> Run:
    """Run `scenario` once on operating-system threads. A deadlock is reported, not suffered.

    Args:
        scenario: what to run, in a fresh world.
        schedule: forces the first operations to happen in this order, such as ``"3-1-1"``; after them, and without it,
            the operating system decides. Of a `Schedule` the `notify_order` is kept, too.
        max_operations: how many operations a task may do before it counts as endless.

    Returns:
        What happened: ``finished``, ``deadlock`` or ``failed``.

    Raises:
        ScenarioError: the schedule is malformed or does not fit.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(f"run takes a Scenario, not {shown(scenario)}: write run(Scenario(World, task, task))")
    if here.actor is not None:
        raise ScenarioError(f"{here.actor.name} calls run inside a task; do that outside of the scenario.")
    if type(max_operations) is not int or max_operations < 1:
        raise ScenarioError(f"max_operations is a whole number from 1, not {max_operations!r}")
    turns, notify_order = (None, "fifo") if schedule is None else read(schedule)
    with captured() as printed:
        live = LiveRun(scenario, turns, max_operations, notify_order)
        live.go()
    if live.misfit:
        raise ScenarioError(live.misfit)
    verdict = "failed" if live.failures else "deadlock" if live.deadlock else "finished"
    failures = tuple(live.failures)
    output = printed.getvalue()
    return Run(scenario.name, verdict, live.recorder.schedule, live.deadlock, failures, output=output)


class LiveTask(TaskRun):
    """A task as a thread.

    Attributes:
        number: its position in the scenario, from 0.
        result: of the operation that somebody else's step made possible.
    """

    __slots__ = ("_wakeup", "body", "number", "result", "thread")

    def __init__(self, number: int, name: str, runtime: LiveRun, home: Home, body: Callable[[], object]) -> None:
        super().__init__(name, runtime, home)
        self.number = number
        self.result: Any = None
        self._wakeup = threading.Lock()
        self._wakeup.acquire()
        self.body = body
        self.thread = threading.Thread(target=runtime.live, args=(self,), name=name, daemon=True)

    def sleep(self) -> None:
        """Wait until `wake`. Called by the task's own thread."""
        self._wakeup.acquire()

    def wake(self) -> None:
        """Let the task go on."""
        self._wakeup.release()


class LiveRun:
    """One run of a scenario on threads.

    Args:
        scenario: what to run, in a fresh world.
        turns: the tasks that move first, from 0, in this order; None to let the operating system decide from the start.
        operations: how many a task may do.
        notify_order: whom `Condition.notify` wakes: ``fifo`` or ``any``.

    Attributes:
        fibers: one per task.
        recorder: what happened, in order.
        deadlock, failures, misfit: what stopped it, if anything did.
    """

    abandoned: list[LiveTask] = []
    """Tasks whose thread still ran, or blocked where nobody can reach it, when its run was over."""

    def __init__(
        self, scenario: Scenario, turns: Sequence[int] | None, operations: int, notify_order: str = "fifo"
    ) -> None:
        self.scenario = scenario
        with Watchdog(lambda: None, _end_stuck_world):
            self.world, self.home = scenario.fresh()
        self.home.notify_order = notify_order
        self.fibers: list[LiveTask] = []
        for name, task in zip(scenario.task_names, scenario.tasks, strict=True):
            self.fibers.append(LiveTask(len(self.fibers), name, self, self.home, functools.partial(task, self.world)))
        self.recorder = Recorder(self, operations)
        self.deadlock: Deadlock | None = None
        self.failures: list[Failure] = []
        self.misfit: str | None = None
        self._forced = turns is not None
        self._turns = deque(turns or ())
        self._unstarted = deque(self.fibers if self._forced else ())
        self._monitor = threading.Lock()
        self._running = len(self.fibers) - len(self._unstarted)
        self._waiting: list[LiveTask] = []
        self._over = False
        self._all_ended = threading.Event()

    def spawn(self, name: str, body: Callable[[], object]) -> str:
        """Called by a task: start another. Return its name, made unique."""
        starter = here.actor
        assert isinstance(starter, LiveTask)
        with self._monitor:
            self._end_if_over(starter)
            line = birth(len(self.fibers) - len(self.scenario.tasks))
            while any(task.name == name for task in self.fibers):
                name += "'"
            born = LiveTask(len(self.fibers), name, self, self.home, body)
            born.begun_at = line
            born.thread.start()  # it sleeps; if there can be no more threads, nobody has counted on it
            self.fibers.append(born)
            if self._forced:
                self._unstarted.append(born)
            else:
                self._running += 1
                born.wake()
        return name

    def go(self) -> None:
        """Start every task and return when all have ended or been given up."""
        for task in list(self.fibers):
            task.thread.start()
            if not self._forced:
                task.wake()
        with self._monitor:
            self._follow()
        try:
            seen, quiet = -1, 0
            while not self._all_ended.wait(TICK):
                with self._monitor:
                    quiet = quiet + 1 if len(self.recorder.steps) == seen else 0
                    seen = len(self.recorder.steps)
                    if quiet >= PATIENCE:
                        self._give_up()
                        break
        except KeyboardInterrupt:
            with self._monitor:
                self._stop()
            raise
        for task in self.fibers:
            task.thread.join(None if self._all_ended.is_set() else TICK)
            if task.thread.is_alive():
                LiveRun.abandoned.append(task)
        self.home.over = True

    def live(self, task: LiveTask) -> None:
        """The body of a task's thread."""
        here.actor = task
        ended = Ended()
        task.sleep()
        try:
            if task.unwinding:
                raise Unwound
            task.body()
        except Unwound:
            ended = Ended(error=Unwound())
        except BaseException as error:
            ended = Ended(error=error, location=raised_at(error) or task.begun_at)
        with self._monitor:
            task.ended = ended = task.ending(ended)
            self._running -= 1
            if not isinstance(ended.error, Unwound):
                self._judge(task)
            self._follow()
            self._look_for_deadlock()
            if all(one.ended for one in self.fibers):
                self._all_ended.set()

    def perform(self, actor: Actor, resource: Resource, operation: Operation, args: tuple[Any, ...]) -> Any:
        """Called by a task: perform `operation` when its guard holds; return its result."""
        task = actor
        assert isinstance(task, LiveTask)
        self._end_if_over(task)
        if self.home.intrusion:
            task.end_intruded()
        admit(task, resource, operation)
        where = caller(sys._getframe(2), task.begun_at)
        with self._monitor:
            self._end_if_over(task)
            task.resource, task.operation, task.args, task.location = resource, operation, args, where
            waits = self._forced or not self._can_move(task)
            if waits:
                self._waiting.append(task)
                self._running -= 1
                self._follow()
                self._look_for_deadlock()
            else:
                self._move(task)
                self._let_others_move()
        if waits:
            task.sleep()
        if task.unwinding:
            raise Unwound
        return settle(task, resource, operation, task.result)

    def _end_if_over(self, task: LiveTask) -> None:
        """Unwind `task` when the run is over."""
        if task.unwinding or self._over:
            task.unwinding = True
            raise Unwound

    def blockers(self, fiber: TaskRun) -> tuple[str, ...]:
        """The tasks that `fiber` waits for."""
        return blockers(fiber.operation, fiber.resource.value, fiber.name, fiber.args)

    def _follow(self) -> None:
        """Under a schedule: when nobody runs, start the next task, or let the one move whose turn it is.

        So everything happens in one order only. When every turn has been taken, everybody is free.
        """
        if not self._forced or self._running or self._over:
            return
        if self._unstarted:
            self._running += 1
            self._unstarted.popleft().wake()
            return
        if not self._turns:
            self._forced = False
            self._let_others_move()
            return
        task = self.fibers[self._turns[0]] if self._turns[0] < len(self.fibers) else None
        if task is None or task.ended or not (self._can_move(task) or self._can_expire(task)):
            self.misfit = self._misfit(task)
            self._stop()
            return
        self._turns.popleft()
        self._let_go(task)

    def _can_move(self, task: LiveTask) -> bool:
        return ready(task.operation, task.resource.value, task.name, task.args)

    def _can_expire(self, task: LiveTask) -> bool:
        return can_expire(task.operation, task.resource.value, task.name, task.args)

    def _move(self, task: LiveTask) -> None:
        resource, operation = task.resource, task.operation
        resource.value, task.result = outcome(operation, resource.value, task.name, task.args)
        task.operations += 1
        self.recorder.note(task, task.result)
        self._judge(task)

    def _let_others_move(self) -> None:
        """Perform every waiting operation that has become possible, first come first served."""
        moved = True
        while moved and not self._over:
            moved = False
            for task in self._waiting:
                if self._can_move(task):
                    self._let_go(task)
                    moved = True
                    break

    def _judge(self, task: LiveTask) -> None:
        """Stop the run when `task` has done something wrong."""
        failure = self.recorder.fault(task)
        if failure and not self._over:
            self.failures.append(failure)
            self._stop()

    def _look_for_deadlock(self) -> None:
        """When nobody runs and somebody waits: let a timeout expire if there is one, else stop the run.

        Exact: no waiting task's operation is possible.
        """
        if self._running or self._over or not self._waiting:
            return
        late = next(filter(self._can_expire, self._waiting), None)
        if late is not None:
            self._let_go(late)
            self._let_others_move()
            return
        self.deadlock = self.recorder.deadlock()
        self._stop()

    def _let_go(self, task: LiveTask) -> None:
        self._waiting.remove(task)
        self._running += 1
        self._move(task)
        task.wake()

    def _misfit(self, task: LiveTask | None) -> str:
        if task is None:
            why = f"there are only {len(self.fibers)} tasks"
        elif task.ended:
            why = f"{task.name} had already ended"
        else:
            why = f"{task.name} had to wait in {task.operation.name} of {task.resource.label}"
        return (
            f"the schedule does not fit this scenario: at position {len(self.recorder.steps) + 1} it moves task "
            f"{self._turns[0] + 1}, but {why}. "
            "A schedule belongs to one program; explore this one again to get its own."
        )

    def _stop(self) -> None:
        """Unwind every waiting task now and every running one at its next operation."""
        self._over = True
        for task in [*self._waiting, *self._unstarted]:
            task.unwinding = True
            self._running += 1
            task.wake()
        self._waiting.clear()
        self._unstarted.clear()

    def _give_up(self) -> None:
        """Nothing has happened for too long: name the tasks that run where nobody can see it, and try to end them.

        A loop ends at once; what blocks ends when it comes back, if it does.
        """
        frames = sys._current_frames()
        for task in self.fibers:
            frame = frames.get(task.thread.ident or 0)
            if task.ended or task in self._waiting or task in self._unstarted or frame is None:
                continue
            line = caller(frame)
            why = does_not_come_back("" if line is NOWHERE else advice(frame))
            self.failures.append(stuck(task.name, caller(frame, task.begun_at), self.recorder.schedule, why))
            task.unwinding = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(task.thread.ident or 0), ctypes.py_object(Stuck))
        self._stop()


def _end_stuck_world(frame: FrameType | None, again: bool) -> None:
    if here.actor is not None:
        raise Stuck
