"""The sheet that a drawing is put on: collects markup, sees how much room it takes, and becomes one ``<svg>``."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kvmlab.draw.layout import Point
from kvmlab.draw.markup import SANS, element, number

MARGIN = 6.0

SHRINK = 0.78
"""How far a drawing may shrink on a narrow page before it is scrolled instead."""


class Sheet:
    """A drawing in the making.

    Args:
        kind: a CSS class for this kind of drawing.

    Attributes:
        parts: the markup so far, in the order in which it is painted.
    """

    def __init__(self, kind: str) -> None:
        self.parts: list[str] = []
        self._kind = kind
        self._xs: list[float] = [0.0]
        self._ys: list[float] = [0.0]

    def cover(self, *points: Point) -> None:
        """Make room for `points`."""
        self._xs += [point.x for point in points]
        self._ys += [point.y for point in points]

    def cover_box(self, middle: Point, wide: float, high: float) -> None:
        """Make room for a box around `middle`."""
        self.cover(Point(middle.x - wide / 2, middle.y - high / 2), Point(middle.x + wide / 2, middle.y + high / 2))

    def svg(self, label: str) -> str:
        """The drawing as one ``<svg>`` element that says `label` to those who cannot see it.

        All ink is ``currentColor``; the page's style sheet may give the classes other colours.
        """
        left, top = min(self._xs) - MARGIN, min(self._ys) - MARGIN
        wide, high = round(max(self._xs) - left + MARGIN), round(max(self._ys) - top + MARGIN)
        moved = f"translate({number(-left)} {number(-top)})"
        size = f"min-width:{round(wide * SHRINK)}px;max-width:{wide}px"
        return element(
            "svg",
            element("g", *self.parts, transform=moved, font_family=SANS, fill="currentColor", stroke="none"),
            xmlns="http://www.w3.org/2000/svg", class_=f"kl-diagram {self._kind}", role="img", aria_label=label,
            viewBox=f"0 0 {wide} {high}", width=wide, height=high,
            style=f"display:block;width:100%;{size};height:auto;margin:0 auto",
        )  # fmt: skip


def path(curve: Sequence[Point]) -> str:
    """Bézier curves as the data of a ``<path>``."""
    first, *rest = [f"{number(point.x)} {number(point.y)}" for point in curve]
    return f"M{first}C{' '.join(rest)}"


def arrowhead(start: Point, tip: Point, size: float) -> str:
    """A triangle that ends at `tip`, for an arrow that comes from `start`."""
    length = math.hypot(tip.x - start.x, tip.y - start.y) or 1
    x, y = (tip.x - start.x) / length * size, (tip.y - start.y) / length * size
    foot = Point(tip.x - x, tip.y - y)
    corners = [tip, Point(foot.x - y / 2, foot.y + x / 2), Point(foot.x + y / 2, foot.y - x / 2)]
    return element("polygon", points=" ".join(f"{number(corner.x)},{number(corner.y)}" for corner in corners))
