"""Places nodes and arrows: Graphviz, from the wheel of pygraphviz, in a process of its own.

Graphviz gets boxes of a given size and no text, so no font has a say in the layout; the text is written later, by
`diagram`. The process keeps Graphviz's messages, and a crash, away from the notebook.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import graphviz

LAYOUT = """
import sys, pygraphviz
graph = pygraphviz.AGraph(sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format="json0", prog="dot"))
"""

HEAD = 9.0
"""How long an arrow's head is, in pixels."""

SECONDS = 60
"""How long Graphviz may take. What is drawn here takes it half a second at most."""


class NoGraphviz(RuntimeError):
    """There is no Graphviz to lay a drawing out."""


class Point(NamedTuple):
    """A place on the sheet, in pixels from the top left."""

    x: float
    y: float


@dataclass(frozen=True)
class Box:
    """A node: its size in pixels. Boxes of one `column` are placed below each other if that is possible."""

    width: float
    height: float
    column: str = ""


@dataclass(frozen=True)
class Arrow:
    """An edge from node `tail` to node `head`, with a label of the given size in pixels.

    Attributes:
        upward: `head` is to be placed above (or, in one row, left of) `tail`.
        at: the side of `head` where it ends, as a point of the compass; any if empty.
        level: it says nothing about which of the two is to be placed above.
        straight: a straight line between neighbours in a row, with its label below.
    """

    tail: int
    head: int
    width: float = 0
    height: float = 0
    upward: bool = False
    at: str = ""
    level: bool = False
    straight: bool = False


@dataclass(frozen=True)
class Route:
    """Where an arrow runs: a chain of Bézier curves, its tip, and the middle of its label if it has one."""

    curve: tuple[Point, ...]
    tip: Point
    label: Point | None


@dataclass(frozen=True)
class Layout:
    """Where everything is: the sheet's size, the middle of each box, the route of each arrow."""

    width: float
    height: float
    boxes: tuple[Point, ...]
    routes: tuple[Route, ...]


def lay_out(
    boxes: Sequence[Box],
    arrows: Sequence[Arrow],
    rows: Sequence[Sequence[int]] = (),
    *,
    gap: float = 24,
    rise: float = 20,
) -> Layout:
    """Place `boxes` and `arrows`; every one of `rows` becomes one row, in that order from left to right.

    Args:
        boxes: the nodes; arrows and rows name them by position.
        arrows: the edges.
        rows: nodes that must stand side by side.
        gap: the least distance of two boxes in a row, in pixels.
        rise: the least distance of two rows, in pixels.

    Raises:
        NoGraphviz: pygraphviz is not installed, and neither is Graphviz itself.
    """
    graph = graphviz.Digraph(graph_attr={"nodesep": _inches(gap), "ranksep": _inches(rise)})
    graph.attr("node", label="", shape="box", fixedsize="true")
    graph.attr("edge", arrowsize=f"{HEAD / 10}")
    for number, box in enumerate(boxes):
        graph.node(f"n{number}", width=_inches(box.width), height=_inches(box.height), group=box.column)
    for row in rows:
        _add_row(graph, row, arrows, gap)
    for number, arrow in enumerate(arrows):
        if not arrow.straight:
            _add_arrow(graph, number, arrow)
    return _read(json.loads(_placed(graph.source)), boxes, arrows)


def _add_row(graph: graphviz.Digraph, row: Sequence[int], arrows: Sequence[Arrow], gap: float) -> None:
    """Put the nodes of `row` side by side. Invisible arrows keep the order where visible ones do not.

    For the label of a straight arrow an empty box holds the place, as high below the arrow as above.
    """
    straight = {frozenset((arrow.tail, arrow.head)): arrow for arrow in arrows if arrow.straight}
    joined = {frozenset((arrow.tail, arrow.head)) for arrow in arrows}
    with graph.subgraph(graph_attr={"rank": "same"}) as same:
        for number in row:
            same.node(f"n{number}")
        for left, right in itertools.pairwise(row):
            between = straight.get(frozenset((left, right)))
            if between:
                wide, high = max(between.width - gap, gap), 2 * between.height + 8
                same.node(f"room{left}", width=_inches(wide), height=_inches(high))
                same.edge(f"n{left}", f"room{left}", style="invis")
                same.edge(f"room{left}", f"n{right}", style="invis")
            elif frozenset((left, right)) not in joined:
                same.edge(f"n{left}", f"n{right}", style="invis")


def _add_arrow(graph: graphviz.Digraph, number: int, arrow: Arrow) -> None:
    """Add an arrow; one that goes up is given to Graphviz as one that goes down and has its head behind."""
    head = f"n{arrow.head}:{arrow.at}" if arrow.at else f"n{arrow.head}"
    ends = (head, f"n{arrow.tail}") if arrow.upward else (f"n{arrow.tail}", head)
    graph.edge(
        *ends, _blank(arrow.width, arrow.height) if arrow.width else "", id=str(number),
        dir="back" if arrow.upward else "forward", constraint="false" if arrow.level else "true",
    )  # fmt: skip


def _inches(pixels: float) -> str:
    return f"{pixels / 72:.4f}"


def _blank(width: float, height: float) -> str:
    size = f'FIXEDSIZE="TRUE" WIDTH="{round(width)}" HEIGHT="{round(height)}"'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" {size}><TR><TD></TD></TR></TABLE>>'


@functools.lru_cache(maxsize=256)
def _placed(source: str) -> str:
    """`source` with positions, as Graphviz writes them in JSON."""
    environment = {**os.environ, "FONTCONFIG_FILE": os.devnull}
    for command in _commands():
        try:
            done = subprocess.run(
                command, input=source, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False,
                env=environment,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
    raise NoGraphviz(
        "The drawing needs Graphviz, which comes with pygraphviz (pip install pygraphviz); the text says the same."
    )


def _commands() -> list[list[str]]:
    """The ways to call Graphviz, best first: the one in pygraphviz's wheel, then one of the machine's own."""
    own = shutil.which("dot")
    return [[sys.executable, "-P", "-c", LAYOUT], *([[own, "-Tjson0"]] if own else [])]


def _read(placed: dict[str, Any], boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Layout:
    left, bottom, right, top = (float(part) for part in placed["bb"].split(","))

    def point(text: str) -> Point:
        x, y = text.split(",")[:2]
        return Point(float(x) - left, top - float(y))

    where = {node["name"]: point(node["pos"]) for node in placed.get("objects", ()) if "pos" in node}
    middles = tuple(where[f"n{number}"] for number in range(len(boxes)))
    routes: dict[int, Route] = {}
    for edge in placed.get("edges", ()):
        if "id" in edge and "pos" in edge:
            ends, *curve = edge["pos"].split(" ")
            points = tuple(point(part) for part in curve)
            label = point(edge["lp"]) if "lp" in edge else None
            routes[int(edge["id"])] = Route(points[::-1] if ends[0] == "s" else points, point(ends[2:]), label)
    return Layout(
        right - left, top - bottom, middles,
        tuple(routes.get(number) or _straight(arrow, boxes, middles) for number, arrow in enumerate(arrows)),
    )  # fmt: skip


def _straight(arrow: Arrow, boxes: Sequence[Box], middles: Sequence[Point]) -> Route:
    """A straight line, for an arrow that Graphviz could not place."""
    start, end = (
        _border(boxes[one], middles[one], middles[other])
        for one, other in ((arrow.tail, arrow.head), (arrow.head, arrow.tail))
    )
    middle = Point((start.x + end.x) / 2, (start.y + end.y) / 2)
    label = Point(middle.x, middle.y + arrow.height / 2 + 3)
    length = math.hypot(end.x - start.x, end.y - start.y) or 1
    neck = Point(end.x + (start.x - end.x) / length * HEAD, end.y + (start.y - end.y) / length * HEAD)
    return Route((start, start, neck, neck), end, label if arrow.width else None)


def _border(box: Box, middle: Point, towards: Point) -> Point:
    """Where the line from the `middle` of `box` towards another point leaves it."""
    x, y = towards.x - middle.x, towards.y - middle.y
    share = min(box.width / 2 / abs(x) if x else 1, box.height / 2 / abs(y) if y else 1)
    return Point(middle.x + x * share, middle.y + y * share)
