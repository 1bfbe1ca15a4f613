"""Repeat one schedule, from its string."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kvmlab.controlled import Controlled, watched
from kvmlab.diagnosis import OPERATIONS, Recorder
from kvmlab.errors import ScenarioError
from kvmlab.printing import captured
from kvmlab.scenario import Scenario
from kvmlab.verdict import Failure, Run, Schedule


def replay(scenario: Scenario, schedule: str | Schedule) -> Run:
    """Run `scenario` along `schedule`, one operation after another, and stop where the schedule ends.

    Args:
        scenario: what to run, in a fresh world.
        schedule: task numbers from 1 joined by ``-``, such as ``"3-1-1"`` (``"2x5"`` is five times task 2), or a
            `Schedule`.

    Returns:
        What happened. The verdict is ``not finished`` when some task could still move at the end of the schedule.

    Raises:
        ScenarioError: the string is malformed, or it moves a task that cannot move then.
    """
    text = schedule.replay if isinstance(schedule, Schedule) else schedule
    with watched(), captured() as printed:
        return play(scenario, numbers_of(text, scenario), output=printed)


def play(scenario: Scenario, numbers: Sequence[int], *, output: object = None, operations: int = OPERATIONS) -> Run:
    """The run of `scenario` in which the tasks with `numbers` (from 0) move in turn; see `replay`."""
    with Controlled(scenario) as run:
        run.start_all()
        recorder = Recorder(run, operations)
        failure = first_fault(recorder)
        for at, number in enumerate(numbers):
            if failure or not run.can_move(number):
                raise ScenarioError(_misfit(run, at, number, failure))
            failure = step(run, recorder, number)
        return conclude(run, recorder, failure, getattr(output, "getvalue", str)())


def conclude(run: Controlled, recorder: Recorder, failure: Failure | None, output: str = "") -> Run:
    """Say how the run stands now."""
    name = run.scenario.name
    if failure:
        return Run(name, "failed", recorder.schedule, failures=(failure,), output=output)
    movable = tuple(fiber.name for number, fiber in enumerate(run.fibers) if run.can_move(number))
    if movable:
        return Run(name, "not finished", recorder.schedule, movable=movable, output=output)
    if all(fiber.ended for fiber in run.fibers):
        return Run(name, "finished", recorder.schedule, output=output)
    return Run(name, "deadlock", recorder.schedule, recorder.deadlock(), output=output)


def step(run: Controlled, recorder: Recorder, number: int) -> Failure | None:
    """Let task `number` move; return what that made it do wrong, if anything."""
    run.step(number, recorder.note)
    return recorder.fault(number)


def first_fault(recorder: Recorder) -> Failure | None:
    """What a task did wrong before its first operation, if any did."""
    faults = (recorder.fault(number) for number in range(len(recorder.run.fibers)))
    return next((fault for fault in faults if fault), None)


def numbers_of(text: str, scenario: Scenario) -> list[int]:
    """The task numbers, from 0, that a replay string stands for.

    Raises:
        ScenarioError: it is malformed, or names a task that the scenario does not have.
    """
    if not isinstance(text, str):
        raise ScenarioError(f'a schedule is a string such as "3-1-1-2", not {text!r}')
    numbers: list[int] = []
    for part in text.strip().split("-") if text.strip() else []:
        found = re.fullmatch(r"([1-9][0-9]{0,3})(?:x([1-9][0-9]{0,5}))?", part)
        if found is None or int(found[1]) > len(scenario.tasks):
            raise ScenarioError(
                f"{part!r} in the schedule {text!r} is no task: use numbers from 1 to {len(scenario.tasks)} "
                f"({', '.join(f'{at} {name}' for at, name in enumerate(scenario.task_names, 1))}), joined by '-'"
            )
        numbers += [int(found[1]) - 1] * int(found[2] or 1)
    return numbers


def _misfit(run: Controlled, at: int, number: int, failure: Failure | None) -> str:
    fiber = run.fibers[number]
    if failure:
        why = f"the run had already failed: {failure.message}"
    elif fiber.ended:
        why = f"{fiber.name} had already ended"
    else:
        whom = " and ".join(run.blockers(number)) or "nobody in particular"
        why = f"{fiber.name} had to wait in {fiber.operation.name} of {fiber.resource.label}, for {whom}"
    return (
        f"the schedule does not fit this scenario: at position {at + 1} it moves task {number + 1}, but {why}. "
        "A schedule belongs to one program; explore this one again to get its own."
    )
