"""Results as plain data, for ``--json``: the same keys for every result, in the same order."""

from __future__ import annotations

from typing import Any

from kvmlab.location import Location
from kvmlab.verdict import Deadlock, Exploration, Failure, Run, Schedule

EXPLORATION = """\
Each result is one line of JSON. Numbers are whole and exact, often above 2^53: read them with a parser that keeps them.
  name        the variable that holds the scenario in the file
  scenario    the scenario's own name
  verdict     deadlock, failed, proven, not finished
  search      states or traces; why: the reason for that one
  schedules   complete schedules in all; deadlocked: those that end in a deadlock; states: states met
              (null in the search by traces, and when the search is not finished)
  classes     inequivalent complete schedules; runs: runs made (null in the search by states)
  shortest    {replay, length in operations} of the shortest counterexample, or null
  deadlocks   the different ones, shortest first: [{replay, operations, waits}]
              operations: [{task, operation, resource, file, line, text, via}]
              waits: [{task, operation, resource, holders, reason, file, line, text, via}]
  failures    the different ones: [{replay, operations, task, kind, message, lock, file, line, text, via, also}]
              kind: what went wrong: raised, held, endless, stuck, race, not repeatable
              also: {file, line, text, via} of the other access of a race, or null
  assumes     what the verdict takes for granted, as sentences
  unfinished  why the search stopped early, or null
  output      what the tasks printed along the shortest counterexample"""

RUN = """\
The result is one line of JSON.
  name        the variable that holds the scenario in the file
  scenario    the scenario's own name
  verdict     finished, deadlock, failed, not finished
  replay      the schedule that happened, for the command replay
  operations  what happened, in order: [{task, operation, resource, file, line, text, via}]
  deadlocks   none or one: [{replay, operations, waits}], waits as for explore
  failures    as for explore
  movable     the tasks that could move next
  output      what the tasks printed"""


def of_exploration(name: str, result: Exploration) -> dict[str, Any]:
    """The keys of `EXPLORATION`."""
    shortest = result.shortest
    return {
        "name": name,
        "scenario": result.scenario,
        "verdict": result.verdict,
        "search": result.search,
        "why": result.why,
        "schedules": result.schedules,
        "deadlocked": result.deadlocked,
        "states": result.states,
        "classes": result.classes,
        "runs": result.runs,
        "shortest": None if shortest is None else {"replay": shortest.replay, "length": len(shortest)},
        "deadlocks": [_deadlock(deadlock) for deadlock in result.deadlocks],
        "failures": [_failure(failure) for failure in result.failures],
        "assumes": list(result.assumes),
        "unfinished": result.unfinished,
        "output": result.output,
    }


def of_run(name: str, result: Run) -> dict[str, Any]:
    """The keys of `RUN`."""
    return {
        "name": name,
        "scenario": result.scenario,
        "verdict": result.verdict,
        **_schedule(result.schedule),
        "deadlocks": [_deadlock(deadlock) for deadlock in result.deadlocks],
        "failures": [_failure(failure) for failure in result.failures],
        "movable": list(result.movable),
        "output": result.output,
    }


def _schedule(schedule: Schedule) -> dict[str, Any]:
    operations = [
        {"task": step.task, "operation": step.operation, "resource": step.resource, **_place(step.location)}
        for step in schedule
    ]
    return {"replay": schedule.replay, "operations": operations}


def _deadlock(deadlock: Deadlock) -> dict[str, Any]:
    waits = [
        {
            "task": wait.task,
            "operation": deadlock.operations[wait.task],
            "resource": wait.resource,
            "holders": list(wait.holders),
            "reason": deadlock.reasons[wait.task],
            **_place(deadlock.lines[wait.task]),
        }
        for wait in deadlock.waits
    ]
    return {**_schedule(deadlock.schedule), "waits": waits}


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        **_schedule(failure.schedule),
        "task": failure.task,
        "kind": failure.kind,
        "message": failure.message,
        "lock": failure.lock,
        **_place(failure.location),
        "also": _place(failure.also) if failure.also else None,
    }


def _place(location: Location | None) -> dict[str, Any]:
    if location is None or not location.line:
        return {"file": None, "line": None, "text": None, "via": []}
    return {"file": location.file, "line": location.line, "text": location.text, "via": list(location.via)}
