"""`lockdep`: run the tasks of a scenario one after another and say which deadlocks could happen."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from itertools import permutations
from math import factorial
from typing import Any, Literal, overload

from kvmlab.controlled import Controlled, Fiber, watched
from kvmlab.diagnosis import OPERATIONS, Recorder
from kvmlab.errors import ScenarioError, shown
from kvmlab.lockdep.feed import Feed
from kvmlab.lockdep.history import History, Orders
from kvmlab.lockdep.rules import Rules, rules_called
from kvmlab.lockdep.validator import Validator
from kvmlab.operation import ready
from kvmlab.plain import refuse_foreign
from kvmlab.printing import captured
from kvmlab.replay import play, read
from kvmlab.scenario import Scenario
from kvmlab.verdict import Failure, Schedule

MOST = 7
"""For how many tasks every order is tried: 5,040 histories."""


@overload
def lockdep(  # type: ignore[overload-overlap]
    scenario: Scenario, linux: str | Rules = ..., *, order: Literal["every"]
) -> Orders: ...


@overload
def lockdep(
    scenario: Scenario, linux: str | Rules = ..., *, order: str | Schedule | Sequence[str] | None = ...
) -> History: ...


def lockdep(
    scenario: Scenario, linux: str | Rules = "complete", *, order: str | Schedule | Sequence[str] | None = None
) -> History | Orders:
    """Run the tasks of `scenario` one after another, and say which deadlocks could happen.

    Each task runs until it ends or has to wait; then the next one goes on. Lockdep is told of every acquisition before
    the wait for it, and of every release, as the kernel tells its own. What the world's constructor takes it is not
    told of.

    Args:
        scenario: what to run.
        linux: whose rules: ``"6.12"`` or ``"6.1"`` with their blind spots, ``"complete"`` without, or your own.
        order: the names of the tasks in the order in which they run (a task that is not named does not run);
            ``"every"``: all orders, each with a lockdep fresh from boot; or a `Schedule`, or its replay string: exactly
            that schedule, as `replay` repeats it. By default the order of the scenario.

    Returns:
        What lockdep said: a `History`, or for ``"every"`` the `Orders`.

    Raises:
        ScenarioError: there is no such task, order or rule set, or the schedule does not fit.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(
            f"lockdep takes a Scenario, not {shown(scenario)}: write lockdep(Scenario(World, task, task))"
        )
    try:
        rules = rules_called(linux)
    except ValueError as error:
        raise ScenarioError(str(error)) from None
    with watched(), captured():
        refuse_foreign(scenario)
        if isinstance(order, str) and order == "every":
            return _every(scenario, rules)
        if isinstance(order, (str, Schedule)):
            return _along(scenario, rules, order)
        if order is not None and not isinstance(order, Iterable):
            raise _no_order(scenario, order)
        return _one_after_another(*_chosen(scenario, order), rules)


def _no_order(scenario: Scenario, order: object) -> ScenarioError:
    """What to say of something that is no order."""
    names = [order] if order in scenario.task_names else list(scenario.task_names)
    return ScenarioError(
        f'an order is "every", a list of task names such as order={names}, or a schedule of task numbers such as '
        f'order="1-1-2", not {shown(order)}'
    )


def _every(scenario: Scenario, rules: Rules) -> Orders:
    names = scenario.task_names
    if len(names) > MOST:
        raise ScenarioError(
            f"{scenario.name} has {len(names)} tasks, which is {factorial(len(names)):,} orders. Every order is tried "
            f"of up to {MOST} tasks; give one order, such as order={list(names[:2])}."
        )
    orders = {order: _one_after_another(*_chosen(scenario, order), rules) for order in permutations(names)}
    return Orders(scenario.name, rules.name, orders)


def _chosen(scenario: Scenario, order: Sequence[str] | None) -> tuple[Scenario, list[int]]:
    """The scenario with only the tasks of the order, and their numbers, from 0, in that order."""
    names = list(scenario.task_names if order is None else order)
    numbers = [scenario.number_of(name) for name in names]
    if not names:
        raise ScenarioError("an empty order runs nothing: name at least one task")
    for name in names:
        if names.count(name) > 1:
            raise ScenarioError(f"{name} is in the order {names.count(name)} times: a task runs once")
    if len(names) == len(scenario.task_names):
        return scenario, numbers
    kept = sorted(numbers)
    part = copy.copy(scenario)
    part.tasks = tuple(scenario.tasks[number] for number in kept)
    part.task_names = tuple(scenario.task_names[number] for number in kept)
    return part, [kept.index(number) for number in numbers]


def _one_after_another(scenario: Scenario, numbers: list[int], rules: Rules) -> History:
    with Controlled(scenario) as run, closing(Watch(run, rules)) as watch:
        while (fiber := watch.next_of([*numbers, *range(len(numbers), len(run.fibers))])) is not None:
            watch.go_on(fiber)
        return watch.history()


def _along(scenario: Scenario, rules: Rules, schedule: str | Schedule) -> History:
    if isinstance(schedule, str) and (schedule in scenario.task_names or re.search("[^0-9x-]", schedule.strip())):
        raise _no_order(scenario, schedule)
    turns, notify = read(schedule)
    play(scenario, turns, notify_order=notify)  # says what is wrong with a schedule that does not fit
    with Controlled(scenario, timeouts=OPERATIONS, notify_order=notify) as run, closing(Watch(run, rules)) as watch:
        watch.start_all()
        for at, number in enumerate(turns, 1):
            fiber = run.fibers[number] if number < len(run.fibers) else None
            if watch.failure or fiber is None or not run.can_move(fiber):
                raise ScenarioError(
                    f"{scenario.name} is not repeatable: it followed the schedule once, and another time it did not "
                    f"come to operation {at}. Data that outlive a run must not decide what a task does."
                )
            watch.move(fiber)
        watch.ask_if_nobody_can_move()
        return watch.history(run.fibers[number].name for number in turns)


class Watch:
    """One controlled run, listened to by a lockdep.

    Args:
        run: nobody has been started yet.
        rules: of the lockdep.
    """

    def __init__(self, run: Controlled, rules: Rules) -> None:
        self.run = run
        self.validator = Validator(rules)
        self.recorder = Recorder(run)
        self.feed = Feed(run, self.validator)
        self.failure: Failure | None = None
        self._began: dict[str, Fiber] = {}

    def next_of(self, numbers: Sequence[int]) -> Fiber | None:
        """The first task that can move or has not begun; else the first whose time can be up; None if there is none."""
        if self.failure:
            return None
        fibers = [fiber for fiber in (self.run.fibers[number] for number in numbers) if fiber.ended is None]
        able = (fiber for fiber in fibers if fiber.name not in self._began or self._is_ready(fiber))
        late = (fiber for fiber in fibers if fiber.name in self._began and self.run.can_move(fiber))
        return next(able, None) or next(late, None)

    def go_on(self, fiber: Fiber) -> None:
        """Let a task that can move, or has not begun, run until it ends or has to wait."""
        if fiber.name in self._began:
            self.move(fiber)
        self.start(fiber)
        while fiber.ended is None and not self.failure:
            self.feed.ask(fiber)
            if not self._is_ready(fiber):
                return
            self.move(fiber)

    def start(self, fiber: Fiber) -> None:
        """Let a task run to its first operation, unless it has begun already."""
        if fiber.name not in self._began:
            self._began[fiber.name] = fiber
            self._look([fiber], lambda: self.run.resume(fiber, None))

    def start_all(self) -> None:
        """Let every task run to its first operation, as `replay` does."""
        self._look(list(self.run.fibers), self.run.start_all)

    def move(self, fiber: Fiber) -> None:
        """Let a task do what it stands before."""
        self.feed.ask(fiber)
        self._look([fiber], lambda: self.run.move(fiber, self._note))

    def ask_if_nobody_can_move(self) -> None:
        """At the end of a schedule that stands still, everybody who waits has asked for what it waits for."""
        if not any(map(self.run.can_move, self.run.fibers)):
            for fiber in self.run.fibers:
                if fiber.ended is None:
                    self.feed.ask(fiber)

    def close(self) -> None:
        """Listen no longer."""
        self.feed.close()

    def history(self, first: Iterable[str] = ()) -> History:
        """What happened, and what was said. The tasks `first` come first in its order, then those that began."""
        finished = all(fiber.ended is not None for fiber in self.run.fibers)
        stands = not finished and not self.failure and self.next_of(range(len(self.run.fibers))) is None
        validator = self.validator
        report = validator.report or next(iter(validator.warnings), None)
        return History(
            scenario=self.run.scenario.name,
            linux=validator.rules.name,
            verdict="silent" if report is None else "reported" if report.final else "warning",
            report=report,
            order=tuple(dict.fromkeys([*first, *self._began])),
            graph=validator.graph,
            schedule=self.recorder.schedule,
            finished=finished,
            deadlock=self.recorder.deadlock() if stands else None,
            failures=(self.failure,) if self.failure else (),
        )

    def _is_ready(self, fiber: Fiber) -> bool:
        return ready(fiber.operation, fiber.resource.value, fiber.name, fiber.args)

    def _note(self, fiber: Fiber, result: Any) -> None:
        self.recorder.note(fiber, result)
        self.feed.done(fiber, result)

    def _look(self, fibers: list[Fiber], step: Callable[[], object]) -> None:
        """Let `fibers` do a step; take note of who has been started by it, who has ended, and of what went wrong."""
        known = len(self.run.fibers)
        step()
        resumed = [*fibers, *self.run.fibers[known:]]
        for one in resumed:
            self._began.setdefault(one.name, one)
            if one.ended is not None and one.ended.error is None and not one.ended.stuck:
                self.feed.ended(one)
        self.failure = next(filter(None, map(self.recorder.fault, resumed)), None)
