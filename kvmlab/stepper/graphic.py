"""The wait-for graph, drawn once with every arrow it may ever show; the script turns them on and off.

Two columns of nodes make a ring, so that a circle is seen as one. Tasks are round, locks are square.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kvmlab.stepper.shell import hue, quoted

WIDE, HIGH = 150.0, 30.0
"""Size of a node."""

COLUMN, ROW = 228.0, 52.0
"""From one node's middle to that of its neighbour."""

NAME = 20
"""Characters of a name that fit into a node."""


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
    """The graph as SVG.

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
        f'<g class="{"wait" if edge.role == "wait" else "hold"}" data-edge="{edge.tail}-{edge.head}-{edge.role}">'
        f"<title>{quoted(f'{names[edge.tail]} {edge.words} {names[edge.head]}')}</title>"
        f"{arrow(spots[edge.tail], spots[edge.head], (edge.head, edge.tail) in pairs)}</g>"
        for edge in drawn
    )
    nodes = "".join(_node(node, names[node], node < tasks, spots[node]) for node in ring)
    return f'<svg viewBox="0 0 {COLUMN + WIDE + 2:g} {half * ROW - ROW + HIGH + 8:g}" role="img">{arrows}{nodes}</svg>'


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
        bend = 54 * tail.inward if same else 0
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
    return Spot(1 + WIDE / 2 + COLUMN, y, -1) if at < half else Spot(1 + WIDE / 2, y, 1)


def _node(node: int, name: str, is_task: bool, spot: Spot) -> str:
    short = name if len(name) <= NAME else f"{name[: NAME - 8]}…{name[-7:]}"
    kind, round_, style = ("task", HIGH / 2, f' style="{hue(node)}"') if is_task else ("lock", 0, "")
    return (
        f'<g class="{kind}" data-node="{node}"{style}><title>{quoted(name)}</title><rect x="{spot.x - WIDE / 2:g}" '
        f'y="{spot.y - HIGH / 2:g}" width="{WIDE:g}" height="{HIGH:g}" rx="{round_:g}"/>'
        f'<text x="{spot.x:g}" y="{spot.y + 4:g}">{quoted(short)}</text></g>'
    )
