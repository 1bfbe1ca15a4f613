"""The wait-for graph: who holds what and who waits for what, at the end of a schedule."""

from __future__ import annotations

from kvmlab.circles import shortest_circle
from kvmlab.draw.diagram import Edge, Node, diagram
from kvmlab.draw.picture import Picture
from kvmlab.draw.story import Ask, Hold, Moment, Told, retell
from kvmlab.draw.words import HOLDS, NO_HOLD, wait_words
from kvmlab.verdict import table

NOBODY = Node("nobody", "nobody")


def waits(told: Told, *, caption: str | None = None) -> Picture:
    """The wait-for graph at the end of a schedule; at a deadlock, with the circle that keeps everybody waiting.

    Tasks are round, locks are square. A solid arrow goes from a lock to a task that holds it, a dashed one from a task
    to the lock that it waits for, and a dotted one from a lock to a task that does not hold it and is waited for, such
    as a writer who has set the block flag.

    Args:
        told: what `explore` returned (its shortest counterexample is drawn), a `Run`, a `Deadlock`, a `Failure`, or a
            `Schedule`. Give ``replay(scenario, "3-1")`` to see the arrows after the first two operations.
        caption: a sentence to stand below it.

    Raises:
        ScenarioError: there is no schedule in it, or none that can be repeated.
    """
    story = retell(told)
    moment = story.end
    circle = shortest_circle({task: [hold.task for hold in ask.holders] for task, ask in moment.blocked.items()})
    edges = _edges(moment, circle)
    ring = [edge.tail for edge in edges if edge.cycle]
    text = _text(story.when, moment, edges)
    nodes = list(dict.fromkeys(node for edge in edges for node in (edge.tail, edge.head)))
    return Picture(text, lambda: diagram(nodes, edges, ring), caption)


def _edges(moment: Moment, circle: list[str]) -> list[Edge]:
    """Every hold and every wait; those of the circle first, in its order."""
    around: list[Edge] = []
    for task, following in zip(circle, [*circle[1:], *circle[:1]], strict=True):
        ask = moment.asks[task]
        hold = next(hold for hold in ask.holders if hold.task == following)
        around += [_wait(task, ask, cycle=True), _hold(hold, cycle=True)]
    waited_for = [hold for ask in moment.blocked.values() for hold in ask.holders]
    holds = [hold for hold in moment.holds if hold.role != "synchronizer" or hold in waited_for]
    others = [_hold(hold) for hold in dict.fromkeys([*holds, *waited_for])]
    for task, ask in moment.blocked.items():
        others.append(_wait(task, ask))
        if not ask.holders:
            others.append(Edge(Node(ask.lock, "lock"), NOBODY, "kept", HOLDS["nobody"]))
    drawn = {(edge.tail, edge.head, edge.words) for edge in around}
    return [*around, *(edge for edge in dict.fromkeys(others) if (edge.tail, edge.head, edge.words) not in drawn)]


def _hold(hold: Hold, cycle: bool = False) -> Edge:
    kind = "kept" if hold.role in NO_HOLD else "hold"
    return Edge(Node(hold.lock, "lock"), Node(hold.task, "task"), kind, HOLDS[hold.role], cycle)


def _wait(task: str, ask: Ask, cycle: bool = False) -> Edge:
    words = wait_words(ask.operation, ask.role)
    return Edge(Node(task, "task"), Node(ask.lock, "lock"), "wait", words, cycle)


def _text(when: str, moment: Moment, edges: list[Edge]) -> str:
    blocked = len(moment.blocked)
    circle = [edge for edge in edges if edge.cycle]
    others = [edge for edge in edges if not edge.cycle]
    movable = [task for task, ask in moment.asks.items() if not ask.blocked]
    lines = [f"{when}: {_headline(blocked, len(circle) // 2, bool(movable))}"]
    if circle:
        lines += [_rows(circle)]
    if others:
        lines += [*(["Besides:"] if circle else []), _rows(others)]
    if movable:
        lines += [f"Can go on: {', '.join(movable)}."]
    return "\n".join(lines)


def _headline(blocked: int, circling: int, movable: bool) -> str:
    if not blocked:
        return "nobody waits."
    waiting = f"{blocked} tasks wait" if blocked > 1 else "1 task waits"
    if circling == blocked:
        rest = " in a circle." if blocked > 1 else " for itself."
    elif circling:
        rest = f", {circling} of them in a circle." if circling > 1 else ", one of them for itself."
    else:
        rest = "." if movable else " and nobody is left to end it."
    return f"{'' if movable else 'deadlock, '}{waiting}{rest}"


def _rows(edges: list[Edge]) -> str:
    return table((edge.tail.name, edge.words.phrase, edge.head.name) for edge in edges)
