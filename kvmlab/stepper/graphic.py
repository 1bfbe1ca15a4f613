"""The wait-for graph, drawn once with every arrow it may ever show; the script turns them on and off.

Two columns of nodes make a ring, so that a circle is seen as one. Tasks are round, locks are square.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kvmlab.stepper.shell import hue, quoted

WIDE, HIGH = 150.0, 28.0
"""Size of a node."""

COLUMN, ROW = 198.0, 60.0
"""From one node's middle to that of its neighbour."""

NAME = 20
"""Characters of a name that fit into a node."""

LOOKS = {"wait": "wait", "pending": "kept", "unknown": "kept"}
"""By role: how an arrow looks that is no hold. Dotted (``kept``) leads to one who does not hold the lock either."""


class Edge(NamedTuple):
    """An arrow that may be shown.

    Attributes:
        tail, head: its nodes.
        role: ``wait``, or what the task is to the lock.
        words: what it says, from tail to head.
    """

    tail: int
    head: int
    role: str
    words: str


class Spot(NamedTuple):
    """Where a node is: its middle, and on which side of it the other column is (1 or -1)."""

    x: float
    y: float
    inward: int


def graphic(names: Sequence[str], tasks: int, ring: Sequence[int], edges: Iterable[Edge]) -> str:
    """The graph as SVG, and what its lines mean.

    Args:
        names: of the nodes; the first `tasks` of them are tasks, the others locks.
        tasks: how many are tasks.
        ring: the nodes, in the order in which they stand around.
        edges: every arrow that there may be; those between other nodes are left out.
    """
    half = math.ceil(len(ring) / 2)
    spots = {node: _spot(at, half, len(ring)) for at, node in enumerate(ring)}
    drawn = [edge for edge in dict.fromkeys(edges) if edge.tail in spots and edge.head in spots]
    pairs = {(edge.tail, edge.head) for edge in drawn}
    arrows = "".join(
        f'<g class="{_look(edge)}" data-edge="{edge.tail}-{edge.head}-{edge.role}">'
        f"<title>{quoted(f'{names[edge.tail]} {edge.words} {names[edge.head]}')}</title>"
        f"{arrow(spots[edge.tail], spots[edge.head], (edge.head, edge.tail) in pairs)}</g>"
        for edge in drawn
    )
    nodes = "".join(_node(node, names[node], node < tasks, spots[node]) for node in ring)
    size = f"{COLUMN + WIDE + 4:g} {half * ROW - ROW + HIGH + 8:g}"
    return (
        f'<div class="graph" tabindex="0" role="group" aria-label="Graph"><svg viewBox="0 0 {size}" role="img">'
        f"{arrows}{nodes}</svg></div>{_legend(drawn)}"
    )


def _look(edge: Edge) -> str:
    return LOOKS.get(edge.role, "hold")


def _legend(edges: Sequence[Edge]) -> str:
    """A line of each kind, and what it says."""
    kept = dict.fromkeys(edge.words for edge in edges if _look(edge) == "kept")
    meanings = {"hold": "is held by", "wait": "waits for", "kept": ", ".join(kept), "cycle": "in the circle"}
    rows = "".join(
        f'<span><svg viewBox="0 0 28 8"><g class="{look}"><path d="M2 4h24"/></g></svg> {quoted(words)}</span>'
        for look, words in meanings.items()
        if words
    )
    return f'<p class="legend" aria-hidden="true">{rows}</p>'


def arrow(tail: Spot, head: Spot, returned: bool) -> str:
    """An arrow; with `returned` it leaves room for the one that leads back."""
    same = tail.inward == head.inward
    if same and abs(tail.y - head.y) == ROW:
        down = math.copysign(1, head.y - tail.y)
        aside = 13 * down if returned else 0
        x1, y1, x2, y2 = tail.x + aside, tail.y + down * HIGH / 2, head.x + aside, head.y - down * HIGH / 2
        bend = 0
    else:
        x1, y1, x2, y2 = tail.x + tail.inward * WIDE / 2, tail.y, head.x + head.inward * WIDE / 2, head.y
        bend = 44 * tail.inward if same else 0
        if returned:
            aside = math.copysign(6, head.x - tail.x if not same else head.y - tail.y)
            y1, y2 = y1 + aside, y2 + aside
    middle = (x1 + x2) / 2 + bend, (y1 + y2) / 2
    long = math.hypot(x2 - middle[0], y2 - middle[1])
    dx, dy = (x2 - middle[0]) / long, (y2 - middle[1]) / long
    line = f"M{x1:.4g} {y1:.4g}Q{middle[0]:.4g} {middle[1]:.4g} {x2 - 7 * dx:.4g} {y2 - 7 * dy:.4g}"
    tip = f"M{x2:.4g} {y2:.4g}l{-9 * dx - 5 * dy:.3g} {5 * dx - 9 * dy:.3g}l{10 * dy:.3g} {-10 * dx:.3g}z"
    return f'<path d="{line}"/><path class="head" d="{tip}"/>'


def _spot(at: int, half: int, count: int) -> Spot:
    """The first half goes down on the right, the others come up on the left."""
    row = at if at < half else count - 1 - at
    y = 4 + HIGH / 2 + row * ROW
    return Spot(2 + WIDE / 2 + COLUMN, y, -1) if at < half else Spot(2 + WIDE / 2, y, 1)


def _node(node: int, name: str, is_task: bool, spot: Spot) -> str:
    short = name if len(name) <= NAME else f"{name[: NAME - 8]}…{name[-7:]}"
    kind, round_, style = ("task", HIGH / 2, f' style="{hue(node)}"') if is_task else ("lock", 0, "")
    return (
        f'<g class="{kind}" data-node="{node}"{style}><title>{quoted(name)}</title><rect x="{spot.x - WIDE / 2:g}" '
        f'y="{spot.y - HIGH / 2:g}" width="{WIDE:g}" height="{HIGH:g}" rx="{round_:g}"/>'
        f'<text x="{spot.x:g}" y="{spot.y + 4:g}">{quoted(short)}</text></g>'
    )
