"""The dependency graph of lockdep: which class was asked for while which other one was held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kvmlab.draw.diagram import Edge, Node, diagram
from kvmlab.draw.picture import Picture
from kvmlab.draw.refusal import named
from kvmlab.draw.words import Words
from kvmlab.errors import ScenarioError
from kvmlab.lockdep import History, Orders
from kvmlab.verdict import table


class Arrow(NamedTuple):
    """A dependency: `inner` was asked for by `tasks` while `outer` was held; its types, such as ``EN``; is it new?"""

    outer: str
    inner: str
    types: tuple[str, ...]
    tasks: tuple[str, ...]
    new: bool = False


def lockdep(told: History, *, caption: str | None = None) -> Picture:
    """The dependency graph of a history: what `lockdep` has recorded, and the circle that it reports.

    An arrow goes from the class that was held to the class that was asked for, with the task that was first seen doing
    so and the type of the dependency: ``E`` or ``S`` for how the first was held, ``N`` or ``R`` for how the second was
    asked for.

    Args:
        told: what `lockdep` returned for one order.
        caption: a sentence to stand below it.

    Raises:
        ScenarioError: it is something else, such as what `lockdep` returned for every order.
    """
    if isinstance(told, Orders):
        raise ScenarioError(
            "lockdep draws one history, and an Orders has one for each order: write "
            f"draw.lockdep(orders[{next(iter(told.histories))}])"
        )
    if not isinstance(told, History):
        raise ScenarioError(
            f"lockdep draws what lockdep(scenario) returned, not {named(told)}: write draw.lockdep(lockdep(scenario))"
        )
    circle = list(_circle(told))
    pairs = {(arrow.outer, arrow.inner) for arrow in circle}
    others = [arrow for arrow in _recorded(told) if (arrow.outer, arrow.inner) not in pairs]
    ring = [Node(arrow.outer, "lock") for arrow in circle]
    edges = [*(_edge(arrow, cycle=True) for arrow in circle), *(_edge(arrow, cycle=False) for arrow in others)]
    nodes = list(dict.fromkeys([*ring, *(node for edge in edges for node in (edge.tail, edge.head))]))
    around = ring if not others else []  # what is besides would stand in the way of a ring's arrows
    return Picture(_text(told, circle, others), lambda: diagram(nodes, edges, around), caption)


def _circle(told: History) -> Iterator[Arrow]:
    """The dependencies of the circle in its order, the new one last."""
    report = told.report
    if report is None:
        return
    chain = {link.under: link for link in report.chain}
    for outer in report.cycle[:-1]:
        link = chain.get(outer)
        if link is None:  # a recursion: the class is asked for under itself
            yield Arrow(outer, outer, (), (report.requested.task,), new=True)
        else:
            yield Arrow(link.under, link.cls, (link.dep,), (link.task,), new=link.number == 0)


def _recorded(told: History) -> Iterator[Arrow]:
    for edge in told.graph:
        tasks = dict.fromkeys(witness.inner.task for witness in edge.witnesses.values())
        yield Arrow(str(edge.outer), str(edge.inner), tuple(dep.value for dep in edge.witnesses), tuple(tasks))


def _edge(arrow: Arrow, *, cycle: bool) -> Edge:
    types = ", ".join([*arrow.types, *(["new"] if arrow.new else [])])
    words = Words((*arrow.tasks, f"({types})"), "")
    return Edge(Node(arrow.outer, "lock"), Node(arrow.inner, "lock"), "order", words, cycle)


def _text(told: History, circle: list[Arrow], others: list[Arrow]) -> str:
    if not circle and not others:
        return f"{told.scenario}: lockdep has recorded no dependency."
    around = f"a circle of {len(circle)}" if circle else "no circle"
    lines = [f"{told.scenario}, dependencies of lock classes: {around}."]
    if circle:
        lines += [table(map(_row, circle))]
    if others:
        lines += [*(["Besides:"] if circle else []), table(map(_row, others))]
    return "\n".join(lines)


def _row(arrow: Arrow) -> tuple[str, ...]:
    sign = f"-({','.join(arrow.types)})->" if arrow.types else "->"
    return arrow.outer, sign, arrow.inner, f"{' and '.join(arrow.tasks)}{', new' if arrow.new else ''}"
