"""The search for a strong path: breadth first, from the lock asked for back to the one held.

Kernel: check_noncircular() and __bfs(), kernel/locking/lockdep.c, 6.12.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from kvmlab.lockdep.classes import LockClass
from kvmlab.lockdep.dependency import Dependency
from kvmlab.lockdep.graph import Edge, Graph, Witness


@dataclass(frozen=True)
class Hop:
    """One step of a path: an edge, and the type of it that is used."""

    edge: Edge
    dep: Dependency

    @property
    def witness(self) -> Witness:
        """When this type of the edge was first seen."""
        return self.edge.witnesses[self.dep]


@dataclass(slots=True, eq=False)
class _Arrival:
    """A class the search came to: by which edge, from which arrival, and by which type of the edge."""

    at: LockClass
    edge: Edge | None = None
    origin: _Arrival | None = None
    dep: Dependency | None = None
    weak: bool = False  # by xR only, so Sx must not follow

    def settle(self) -> bool:
        """Choose the type of the edge, xN before xR; False when none of them goes on from the origin strongly."""
        if self.edge is None or self.origin is None:
            return True
        usable = [dep for dep in self.edge.witnesses if dep.strong_after(self.origin.weak)]
        self.dep = min(usable, key=lambda dep: dep.inner_recursive, default=None)
        self.weak = self.dep is not None and self.dep.inner_recursive
        return self.dep is not None

    def path(self) -> tuple[Hop, ...]:
        """The hops from the start of the search to here."""
        hops: list[Hop] = []
        arrival: _Arrival | None = self
        while arrival and arrival.edge and arrival.dep:
            hops.append(Hop(arrival.edge, arrival.dep))
            arrival = arrival.origin
        return tuple(reversed(hops))


def strong_path(
    graph: Graph, start: LockClass, goal: LockClass, closing: Dependency, *, two_marks: bool
) -> tuple[Hop, ...] | None:
    """The first path from start to goal that the dependency `closing`, from goal to start, makes a strong circle.

    A class can be reached weakly (by xR only) or strongly, and a strong arrival can go on where a weak one cannot.
    The kernel marks a class as visited before it knows whether the path to it is strong at all, and has one mark for
    both. So a weak or useless first arrival hides a strong second one: a blind spot (lockdep-measured, section 4).

    Args:
        graph: the dependencies so far.
        start: the class asked for.
        goal: the class held.
        closing: the type of the new dependency.
        two_marks: False to search as the kernel does; True to mark after the test, and weak and strong apart.

    Returns:
        The hops of the path, or None when there is none.
    """
    if not _leads(graph, start, goal):
        return None
    queue = deque([_Arrival(start, weak=closing.inner_recursive)])
    visited: set[LockClass] = set()
    reached: set[tuple[LockClass, bool]] = set()
    while queue:
        here = queue.popleft()
        if not two_marks:
            if here.at in visited:
                continue
            visited.add(here.at)
        if not here.settle():
            continue
        if two_marks:
            if (here.at, here.weak) in reached:
                continue
            reached.add((here.at, here.weak))
        if here.at is goal and closing.strong_after(here.weak):
            return here.path()
        queue.extend(_Arrival(edge.inner, edge, here) for edge in graph.after(here.at))
    return None


def _leads(graph: Graph, start: LockClass, goal: LockClass) -> bool:
    """Whether there is any path from start to goal, strong or not.

    Looked for from both ends in turn, so that it takes no longer than the shorter way to find that there is none: most
    new dependencies are met where one of the two ends is near. The kernel has no such shortcut; it changes no answer.
    """
    if start is goal:
        return True
    ahead, reached = [start], {start}
    behind, leading = [goal], {goal}
    while ahead and behind:
        following = [edge.inner for edge in graph.after(ahead.pop()) if edge.inner not in reached]
        preceding = [edge.outer for edge in graph.before(behind.pop()) if edge.outer not in leading]
        reached.update(following)
        leading.update(preceding)
        if not leading.isdisjoint(following) or not reached.isdisjoint(preceding):
            return True
        ahead += following
        behind += preceding
    return False
