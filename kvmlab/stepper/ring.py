"""Where tasks and locks stand around the wait-for graph, so that nothing moves while it grows."""

from __future__ import annotations

from collections.abc import Sequence

from kvmlab.circles import shortest_circle
from kvmlab.graph import StateGraph


def around(graph: StateGraph, locks: Sequence[int]) -> list[int]:
    """Tasks (by number) and locks (by number, after the tasks) in the order in which to place them on a ring.

    The circle of the shortest deadlock comes first, so that it is seen as one. Then every task, followed by the locks
    that it uses. Of `locks` only those are there that somebody can hold or wait for.
    """
    count = len(graph.tasks)
    ring: list[int] = []
    if graph.nearest_deadlock is not None:
        ring += _circle(graph, graph.nearest_deadlock)
    for task, places in enumerate(graph.places):
        ring.append(task)
        for place in places:
            if place.resource:
                ring.append(count + graph.resources.index(place.resource))
    contended = {count + lock for lock in locks if _is_contended(graph, lock)}
    return [node for node in dict.fromkeys(ring) if node < count or node in contended]


def _circle(graph: StateGraph, dead: int) -> list[int]:
    ahead, waits_at = {}, {}
    for task, name in enumerate(graph.tasks):
        place = graph.places[task][graph.stands[task][dead]]
        if place.operation:
            lock = graph.resources.index(place.resource)
            ahead[name] = place.reasons[graph.values[lock][dead]][1]
            waits_at[name] = [task, len(graph.tasks) + lock]
    return [node for name in shortest_circle(ahead) for node in waits_at[name]]


def _is_contended(graph: StateGraph, lock: int) -> bool:
    """Whether anybody ever has to wait for `lock`, or holds it."""
    name = graph.resources[lock]
    if any(place.resource == name and place.reasons for places in graph.places for place in places):
        return True
    return any(meaning.get("owner") or meaning.get("readers") for meaning in graph.meanings[lock])
