"""One lock scenario through one validator: the verdict, in the words of the measured data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kvmlab.lockdep.classes import Lock
from kvmlab.lockdep.report import NEST_CONFUSED, NOT_HELD, Report
from kvmlab.lockdep.rules import Rules
from kvmlab.lockdep.scenarios import Event, LockScenario
from kvmlab.lockdep.taken import Taken
from kvmlab.lockdep.validator import Validator


@dataclass(frozen=True)
class Outcome:
    """What lockdep said to one scenario.

    Attributes:
        name: the scenario's.
        verdict: "reported" (a final report), "warning" (lockdep complained and went on), or "silent".
        step: the step during which it reported, from 1. None when silent, and None for what the kernel prints as a
            plain warning (WARN_ON) and not as a lockdep report: there the measurement notes no step either.
        kind: as in the data; None when silent, and for a failed lockdep_assert_held().
        cycle: class names in order, the first repeated last; None when there is none.
        report: the whole report, or the first warning.
    """

    name: str
    verdict: str
    step: int | None = None
    kind: str | None = None
    cycle: tuple[str, ...] | None = None
    report: Report | None = None

    def data(self) -> dict[str, object]:
        """The fields for a JSON line, in order."""
        cycle = None if self.cycle is None else list(self.cycle)
        return {"name": self.name, "verdict": self.verdict, "step": self.step, "kind": self.kind, "cycle": cycle}


def run(scenario: LockScenario, linux: str | Rules = "complete") -> Outcome:
    """Feed a scenario, step by step, to a new validator, until it reports or all is done."""
    validator = Validator(linux)
    locks = {name: Lock(name, kind, class_name) for name, (kind, class_name) in scenario.locks.items()}
    task, taken = "task", Taken()
    for number, step in enumerate(scenario.steps, start=1):
        if scenario.one_task_per_step:
            task, taken = step.name, Taken()
        for event in step.events:
            if taken.fails(event):
                continue
            taken.note(event)
            _feed(validator, task, event, locks, where=f"step {number} ({step.name}): {event}")
        if scenario.one_task_per_step or number == len(scenario.steps):
            validator.task_exit(task, where=f"the end of step {number} ({step.name})")
        if validator.report is not None:
            return _reported(scenario.name, number, validator.report)
    for warning in validator.warnings:
        kind = None if warning.kind == NOT_HELD else warning.kind
        return Outcome(scenario.name, "warning", kind=kind, report=warning)
    return Outcome(scenario.name, "silent")


def _reported(name: str, number: int, report: Report) -> Outcome:
    step = None if report.kind == NEST_CONFUSED else number
    return Outcome(name, "reported", step, report.kind, report.cycle or None, report)


def _feed(validator: Validator, task: str, event: Event, locks: dict[str, Lock], where: str) -> None:
    """Tell the validator of one event; what lockdep is not told of in the kernel, it is not told of here."""
    lock = locks[event.lock]
    outer = locks[event.outer] if event.outer is not None else None
    tell: dict[str, Callable[[], object]] = {
        "lock": lambda: validator.acquire(task, lock, where=where),
        "trylock": lambda: validator.acquire(task, lock, trylock=True, where=where),
        "lock_nested": lambda: validator.acquire(task, lock, subclass=event.subclass, where=where),
        "lock_nest_lock": lambda: validator.acquire(task, lock, nest_lock=outer, where=where),
        "read_lock": lambda: validator.acquire(task, lock, shared=True, where=where),
        "read_trylock": lambda: validator.acquire(task, lock, shared=True, trylock=True, where=where),
        "unlock": lambda: validator.release(task, lock, where=where),
        "read_unlock": lambda: validator.release(task, lock, where=where),
        "synchronize": lambda: validator.sync(task, lock, where=where),
        "might_lock": lambda: validator.might_lock(task, lock, where=where),
        "assert_held": lambda: validator.assert_held(task, lock, where=where),
    }
    tell.get(event.name, lambda: None)()
