"""A schedule on the state graph: the states along it, its operations, and how things stand in a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvmlab.errors import ScenarioError
from kvmlab.graph import StateGraph
from kvmlab.stepper.rules import resource_of, sentence
from kvmlab.stepper.values import in_words
from kvmlab.verdict import Step, plural, table

HEADLINES = {
    "dead": "Deadlock: nobody can move.",
    "done": "Finished: every task has come to its end.",
    "failed": "Failed.",
    "cut": "Stopped: the timeouts allowed are used up.",
}


@dataclass(frozen=True)
class State:
    """How things stand at one point of a schedule.

    Attributes:
        number: its number in the state graph.
        kind: ``open``, ``done``, ``dead`` (nobody can move), ``failed`` or ``cut``.
        tasks: by task, what it waits for, what it does next, or how it ended.
        locks: by lock, its value in words; those that tasks operate on.
        movable: the tasks that can move.
        schedules: how many complete schedules go on from here.
        deadlocked: how many of them end in a deadlock.
    """

    number: int
    kind: str
    tasks: dict[str, str]
    locks: dict[str, str]
    movable: tuple[str, ...]
    schedules: int
    deadlocked: int

    def __str__(self) -> str:
        verb = "deadlocks" if self.deadlocked == 1 else "deadlock"
        ahead = f"From here {self.deadlocked:,} of {plural(self.schedules, 'schedule')} {verb}."
        return "\n".join([HEADLINES.get(self.kind, ahead), table(self.tasks.items()), table(self.locks.items())])

    __repr__ = __str__


def walk(graph: StateGraph, way: Sequence[int]) -> list[int]:
    """The states along `way`, the tasks that move in turn from 0; the start comes first.

    Raises:
        ScenarioError: a task cannot move when it should, or there is none with that number.
    """
    trail = [0]
    for at, task in enumerate(way, 1):
        if task >= len(graph.tasks):
            names = ", ".join(f"{number} {name}" for number, name in enumerate(graph.tasks, 1))
            raise ScenarioError(f"the schedule moves task {task + 1} at operation {at}, but the tasks are {names}")
        to = graph.moves[task][trail[-1]]
        if to < 0:
            name = graph.tasks[task]
            why = waiting(graph, trail[-1]).get(name, f"{name} cannot move any more.")
            raise ScenarioError(f"the schedule stops fitting at operation {at}, a move of task {task + 1}: {why}")
        trail.append(to)
    return trail


def operations(graph: StateGraph, way: Sequence[int]) -> list[Step]:
    """The operations of the schedule `way`; their results are not known."""
    steps = []
    for task, state in zip(way, walk(graph, way), strict=False):
        place = graph.places[task][graph.stands[task][state]]
        assert place.location is not None
        steps.append(Step(graph.tasks[task], place.operation, place.resource, None, place.location))
    return steps


def waiting(graph: StateGraph, state: int) -> dict[str, str]:
    """By task that waits in `state`: a sentence that says for what, and why. Once one has failed nobody waits."""
    if graph.kinds[state] == "failed":
        return {}
    sentences = {}
    for task, name in enumerate(graph.tasks):
        place = graph.places[task][graph.stands[task][state]]
        number = graph.values[resource_of(graph, place)][state] if place.operation else -1
        if number in place.reasons:
            sentences[name] = sentence(name, place, number)
    return sentences


def state_at(graph: StateGraph, number: int) -> State:
    """State `number` of `graph` in words."""
    waits, tasks = waiting(graph, number), {}
    for task, name in enumerate(graph.tasks):
        place = graph.places[task][graph.stands[task][number]]
        wait = waits.get(name, "").removeprefix(f"{name} ").removesuffix(".")
        tasks[name] = wait or place.ended or f"next: {place.operation}({place.resource})"
    used = {place.resource for places in graph.places for place in places}
    values = zip(graph.resources, graph.meanings, graph.values, strict=True)
    return State(
        number,
        graph.kinds[number],
        tasks,
        {lock: in_words(graph.tasks, meanings[column[number]]) for lock, meanings, column in values if lock in used},
        tuple(name for name, column in zip(graph.tasks, graph.moves, strict=True) if column[number] >= 0),
        graph.ahead[number],
        graph.dead_ahead[number],
    )
