"""Draws nodes and arrows in the one visual language: a task is round, a lock is square; a hold is solid, a wait dashed.

What belongs to a circle is thick, and its nodes stand in a ring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kvmlab.draw.layout import HEAD, Arrow, Box, Point, Route, lay_out
from kvmlab.draw.markup import element, label, line_height, shorten, width
from kvmlab.draw.ring import Ring
from kvmlab.draw.sheet import Sheet, arrowhead, path
from kvmlab.draw.words import Words

NAME = 14.0
"""Size of a node's name, in pixels."""

NOTE = 12.5
"""Size of an arrow's label, in pixels."""

HEIGHT = 34.0
"""Of a node, in pixels."""

GAP = 6.0
"""Between an arrow and its label, in pixels."""


@dataclass(frozen=True)
class Node:
    """A node of a diagram.

    Attributes:
        name: what stands in it.
        kind: ``task``, ``lock`` or ``nobody``.
    """

    name: str
    kind: str


@dataclass(frozen=True)
class Edge:
    """An arrow of a diagram.

    Attributes:
        tail, head: its nodes.
        kind: ``hold``, ``wait``, ``kept`` (waited for, and no hold) or ``order``.
        words: its label, and what it says in a sentence from tail to head.
        cycle: whether it is part of a circle.
    """

    tail: Node
    head: Node
    kind: str
    words: Words
    cycle: bool = False


def diagram(nodes: Sequence[Node], edges: Sequence[Edge], circle: Sequence[Node] = ()) -> Sheet:
    """The drawing of `nodes` and `edges`.

    Args:
        nodes: in the order in which they should appear.
        edges: between them.
        circle: nodes, each with an edge to the next and the last with one to the first.
    """
    position = {node: at for at, node in enumerate(nodes)}
    # Two locks go one above the other, so that the labels of both arrows have room: they name tasks.
    stacked = len(circle) == 2 and circle[0].kind == circle[1].kind
    ring = Ring(circle, [(edge.tail, edge.head) for edge in edges], stacked=stacked)
    boxes = [Box(_width(node), HEIGHT, ring.columns.get(node, "")) for node in nodes]
    arrows = [_arrow(edge, position, ring) for edge in edges]
    placed = lay_out(boxes, arrows, [[position[node] for node in row] for row in ring.rows])
    sheet = Sheet("kl-graph")
    for edge, route in zip(edges, placed.routes, strict=True):
        _draw_edge(sheet, edge, route)
    for node, box, middle in zip(nodes, boxes, placed.boxes, strict=True):
        _draw_node(sheet, node, box, middle)
    return sheet


def _arrow(edge: Edge, position: dict[Node, int], ring: Ring[Node]) -> Arrow:
    ends = edge.tail, edge.head
    wide, high = _label_size(edge)
    return Arrow(
        position[edge.tail], position[edge.head], wide, high, upward=ring.is_upward(*ends), level=ring.is_level(*ends),
        straight=ring.is_floor(*ends), at="sw" if ring.comes_back(*ends) else "",
    )  # fmt: skip


def _width(node: Node) -> float:
    return math.ceil(width(shorten(node.name), NAME, mono=True)) + 24


def _label_size(edge: Edge) -> tuple[float, float]:
    """Width and height of an edge's label, with the gap to the arrow; the text may be bold."""
    wide = max((width(line, NOTE) for line in edge.words.label), default=0)
    return 1.06 * wide + 2 * GAP, line_height(NOTE) * len(edge.words.label) + 4


def _draw_node(sheet: Sheet, node: Node, box: Box, middle: Point) -> None:
    sheet.cover_box(middle, box.width, box.height)
    name = label((shorten(node.name),), middle.x, middle.y, NAME, mono=node.kind != "nobody")
    if node.kind == "nobody":
        sheet.parts.append(element("g", name, class_="kl-nobody", font_style="italic"))
        return
    outline = element(
        "rect", x=middle.x - box.width / 2, y=middle.y - box.height / 2, width=box.width, height=box.height,
        rx=box.height / 2 if node.kind == "task" else 0, fill="none", stroke="currentColor", stroke_width=1.5,
    )  # fmt: skip
    sheet.parts.append(element("g", outline, name, class_=f"kl-{node.kind}"))


DASHES = {"wait": {"stroke_dasharray": "7 4"}, "kept": {"stroke_dasharray": "0.1 6", "stroke_linecap": "round"}}
"""By kind of an arrow: how its line is broken."""


def _draw_edge(sheet: Sheet, edge: Edge, route: Route) -> None:
    sheet.cover(*route.curve, route.tip)
    line = element(
        "path", d=path(route.curve), fill="none", stroke="currentColor", stroke_width=3 if edge.cycle else 1.75,
        **DASHES.get(edge.kind, {}),
    )  # fmt: skip
    parts = [line, arrowhead(route.curve[-1], route.tip, HEAD + 1.5)]
    if route.label:
        wide, high = _label_size(edge)
        sheet.cover_box(route.label, wide, high)
        if abs(route.tip.y - route.curve[0].y) < HEAD:  # level: the label is above or below
            parts.append(label(edge.words.label, *route.label, NOTE))
        else:  # the label is at the right
            x = route.label.x - wide / 2 + GAP
            parts.append(label(edge.words.label, x, route.label.y, NOTE, anchor="start"))
    sheet.parts.append(element("g", *parts, class_=f"kl-{edge.kind}{' kl-cycle' if edge.cycle else ''}"))
