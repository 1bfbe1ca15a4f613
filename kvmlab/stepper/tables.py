"""The state graph as tables small enough for a page, as JSON data.

The page gets the rules, not the states. It meets the states in the order in which the search met them, and so gives
them the same numbers; it is told how many states and schedules it must arrive at.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from kvmlab.draw.words import HOLDS
from kvmlab.graph import StateGraph
from kvmlab.stepper.graphic import Edge, graphic
from kvmlab.stepper.programs import Programs
from kvmlab.stepper.ring import around
from kvmlab.stepper.rules import Rules
from kvmlab.stepper.shell import shell, value
from kvmlab.stepper.values import holds, parts
from kvmlab.stepper.walk import HEADLINES

FORM = 2
"""Which form of tables this is; the script reads no other."""


START = "Nobody has moved yet. You are the scheduler: choose a task."

OUTCOMES = ("It can go on", "It waits, another can move", "It is done", "Nobody can move: deadlock", "It fails")
"""What a step can lead to, in the order that the script counts on."""


class Numbered(dict[Hashable, int]):
    """Different things, numbered as they come."""

    def __missing__(self, thing: Hashable) -> int:
        self[thing] = number = len(self)
        return number


def tables(graph: StateGraph, programs: Programs, title: str) -> dict[str, Any]:
    """All that the page is given.

    ``spots`` are what can be said of a task: the operation as a call, the node of its resource, the block and line of
    the program, the functions between that line and the operation, and how the task ended. ``places``, by task, are
    indices into them. ``moves`` and ``waits`` are by task, place, and value of the resource: the place and value that
    a move leads to, and an index into ``reasons``. ``values`` are by node: markup, and who is what to the lock. The
    ``failed`` and ``cut`` states that cannot be told from the places are listed. ``check`` has the number of states,
    schedules, and those that deadlock; ``ends``, ``outcomes`` and ``shell`` are words and markup.
    """
    rules, spots, reasons = Rules(graph), Numbered(), Numbered()
    counts = [range(len(places)) for places in graph.places]
    places = [[spots[_spot(programs, rules, task, at)] for at in count] for task, count in enumerate(counts)]
    waits = [
        [{number: reasons[says, whom] for number, says, whom in rules.reasons(task, at)} for at in count]
        for task, count in enumerate(counts)
    ]
    names = graph.tasks
    values = {
        node: [(value(name, names, parts(names, meaning)), holds(names, meaning)) for meaning in meanings]
        for node, (name, meanings) in enumerate(zip(graph.resources, graph.meanings, strict=True), len(names))
    }
    return {
        "form": FORM,
        "title": title,
        "tasks": graph.tasks,
        "locks": graph.resources,
        "spots": list(spots),
        "places": places,
        "moves": [[dict(sorted(leads.items())) for leads in of_task] for of_task in rules.leads],
        "waits": waits,
        "reasons": list(reasons),
        "values": values,
        "failed": [state for state in _states(graph, "failed") if not _shows_failure(graph, state)],
        "cut": list(_states(graph, "cut")),
        "ends": {**HEADLINES, "start": START},
        "outcomes": OUTCOMES,
        "check": [len(graph), str(graph.ahead[0]), str(graph.dead_ahead[0])],
        "shell": shell(title, graph.tasks, rules.used, programs.blocks, programs.of_tasks, _graphic(graph, rules)),
    }


def _spot(programs: Programs, rules: Rules, task: int, at: int) -> tuple[Any, ...]:
    place = rules.graph.places[task][at]
    via = f" in {' > '.join(place.location.via)}" if place.location and place.location.via else ""
    call = f"{place.operation}({place.resource})" if place.operation else ""
    node = len(rules.graph.tasks) + rules.resources[task][at] if place.operation else -1
    return (call, node, *programs.find(task, place), via, place.ended)


def _states(graph: StateGraph, kind: str) -> Iterator[int]:
    return (state for state, each in enumerate(graph.kinds) if each == kind)


def _shows_failure(graph: StateGraph, state: int) -> bool:
    """Whether a task's place says that `state` is a failed one."""
    columns = zip(graph.places, graph.stands, strict=True)
    return any(places[stands[state]].ended == "failed" for places, stands in columns)


def _graphic(graph: StateGraph, rules: Rules) -> str:
    """The wait-for graph with every arrow that there may be."""
    names = [*graph.tasks, *graph.resources]
    return graphic(names, len(graph.tasks), around(graph, rules.used), [*_holds(graph), *_waits(graph, rules)])


def _holds(graph: StateGraph) -> Iterator[Edge]:
    """From a lock to those who hold it."""
    for lock, meanings in enumerate(graph.meanings):
        for meaning in meanings:
            for role, task in holds(graph.tasks, meaning):
                yield Edge(len(graph.tasks) + lock, task, role, HOLDS[role].phrase)


def _waits(graph: StateGraph, rules: Rules) -> Iterator[Edge]:
    """From a task to the lock that it waits for, and from there to one who has no role at it."""
    for task, of_task in enumerate(rules.resources):
        for at, lock in enumerate(of_task):
            node = len(graph.tasks) + lock
            for number, _, whom in rules.reasons(task, at):
                yield Edge(task, node, "wait", "waits for")
                known = {holder for _, holder in holds(graph.tasks, graph.meanings[lock][number])}
                yield from (
                    Edge(node, other, "unknown", HOLDS["unknown"].phrase) for other in whom if other not in known
                )
