"""Repeat one schedule, from its string."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kvmlab.controlled import Controlled, Fiber, watched
from kvmlab.diagnosis import OPERATIONS, Recorder
from kvmlab.errors import ScenarioError, shown
from kvmlab.printing import captured
from kvmlab.scenario import Scenario
from kvmlab.verdict import Failure, Run, Schedule


def replay(
    scenario: Scenario,
    schedule: str | Schedule,
    *,
    notify_order: str | None = None,
    max_operations: int | None = None,
) -> Run:
    """Run `scenario` along `schedule`, one operation after another, and stop where the schedule ends.

    Args:
        scenario: what to run, in a fresh world.
        schedule: task numbers from 1 joined by ``-``, such as ``"3-1-1"`` (``"2x5"`` is five times task 2), or a
            `Schedule`. Threads that tasks start are numbered after them, in the order of their start.
        notify_order: the one it was found with, see `explore`. By default a `Schedule`'s own, and ``"fifo"`` for a
            string.
        max_operations: how many operations one task may do before it counts as endless, likewise; by default 300.

    Returns:
        What happened. The verdict is ``not finished`` when some task could still move at the end of the schedule.

    Raises:
        ScenarioError: the string is malformed, or it moves a task that cannot move then; or there is no such
            `notify_order` or `max_operations`.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(
            f'replay takes a Scenario, not {shown(scenario)}: write replay(Scenario(World, task, task), "1-2")'
        )
    if notify_order not in (None, "fifo", "any"):
        raise ScenarioError(f'notify_order is "fifo" or "any", not {shown(notify_order)}')
    if max_operations is not None and (type(max_operations) is not int or max_operations < 1):
        raise ScenarioError(f"max_operations is a whole number from 1, not {shown(max_operations)}")
    turns, order = read(schedule)
    with watched(), captured() as printed:
        own = schedule.max_operations if isinstance(schedule, Schedule) else None
        operations = max_operations or own or OPERATIONS
        return play(scenario, turns, output=printed, operations=operations, notify_order=notify_order or order)


def play(
    scenario: Scenario,
    way: Sequence[int | str] | Sequence[int] | Sequence[str],
    *,
    output: object = None,
    operations: int = OPERATIONS,
    notify_order: str = "fifo",
    past_failures: bool = False,
) -> Run:
    """The run of `scenario` in which the tasks of `way` move in turn, by number (from 0) or name; see `replay`.

    With `past_failures` the others go on when a task has gone wrong.
    """
    with Controlled(scenario, timeouts=operations, notify_order=notify_order) as run:
        run.start_all()
        recorder = Recorder(run, operations)
        failure = next(filter(None, map(recorder.fault, run.fibers)), None)
        for at, task in enumerate(way):
            fiber = _numbered(run, task)
            if (failure and not past_failures) or not run.can_move(fiber):
                raise ScenarioError(_misfit(run, at, fiber, failure))
            run.move(fiber, recorder.note)
            failure = failure or next(filter(None, map(recorder.fault, run.fibers)), None)
        return _conclude(run, recorder, failure, getattr(output, "getvalue", str)())


def _conclude(run: Controlled, recorder: Recorder, failure: Failure | None, output: str) -> Run:
    """Say how the run stands now."""
    name = run.scenario.name
    if failure:
        return Run(name, "failed", recorder.schedule, failures=(failure,), output=output)
    movable = tuple(fiber.name for fiber in run.fibers if run.can_move(fiber))
    if movable:
        return Run(name, "not finished", recorder.schedule, movable=movable, output=output)
    if all(fiber.ended for fiber in run.fibers):
        return Run(name, "finished", recorder.schedule, output=output)
    return Run(name, "deadlock", recorder.schedule, recorder.deadlock(), output=output)


def read(schedule: str | Schedule) -> tuple[list[int], str]:
    """The task numbers, from 0, that a schedule moves in turn, and whom notify wakes in it: see `explore`.

    Raises:
        ScenarioError: it is a malformed string, or neither a string nor a `Schedule`.
    """
    if isinstance(schedule, Schedule):
        return numbers_of(schedule.replay), schedule.notify_order
    return numbers_of(schedule), "fifo"


def numbers_of(text: str) -> list[int]:
    """The task numbers, from 0, that a replay string stands for.

    Raises:
        ScenarioError: it is malformed.
    """
    if not isinstance(text, str):
        raise ScenarioError(f'a schedule is a string such as "3-1-1-2", not {shown(text)}')
    numbers: list[int] = []
    for part in text.strip().split("-") if text.strip() else []:
        found = re.fullmatch(r"([1-9][0-9]{0,3})(?:x([1-9][0-9]{0,5}))?", part)
        if found is None:
            raise ScenarioError(
                f"{part!r} in the schedule {text!r} is no task: use task numbers from 1 joined by '-', such as 3-1-1-2"
            )
        numbers += [int(found[1]) - 1] * int(found[2] or 1)
    return numbers


def _numbered(run: Controlled, task: int | str) -> Fiber:
    """The task with a number, from 0, or a name."""
    known = run.fibers[task : task + 1] if isinstance(task, int) else filter(None, [run.find(task)])
    for fiber in known:
        return fiber
    names = ", ".join(f"{at} {fiber.name}" for at, fiber in enumerate(run.fibers, 1))
    raise ScenarioError(
        f"the schedule moves task {task + 1 if isinstance(task, int) else task}, but the tasks are {names}"
    )


def _misfit(run: Controlled, at: int, fiber: Fiber, failure: Failure | None) -> str:
    if failure:
        why = f"the run had already failed: {failure.message.rstrip('.')}"
    elif fiber.ended:
        why = f"{fiber.name} had already ended"
    else:
        whom = " and ".join(run.blockers(fiber)) or "nobody in particular"
        why = f"{fiber.name} had to wait in {fiber.operation.name} of {fiber.resource.label}, for {whom}"
    return (
        f"the schedule does not fit this scenario: at position {at + 1} it moves task {run.fibers.index(fiber) + 1}, "
        f"but {why}. A schedule belongs to one program; explore this one again to get its own."
    )
