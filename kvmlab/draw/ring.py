"""Where the nodes of a circle stand: in two columns, down on the right and up on the left, to be walked around."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)


class Ring(Generic[N]):
    """Places the nodes of one circle in rows, and says which way every other arrow of the diagram should go.

    A circle that comes back to a node at once, ``lock → writer → lock``, has the writer inside, in the row below the
    lock; and it is turned so that this lock stands at the top right, where there is most room below.

    Args:
        circle: nodes, each with an arrow to the next and the last with one to the first; may be empty.
        arrows: all arrows of the diagram, as (tail, head).
        stacked: place a circle of two nodes one above the other, not side by side.

    Attributes:
        rows: from top to bottom, the nodes of the circle from left to right.
        columns: the column that a node of the circle belongs to: ``left``, ``right``, or none.
    """

    def __init__(self, circle: Sequence[N], arrows: Sequence[tuple[N, N]], *, stacked: bool = False) -> None:
        around, self._inside = _unfold(circle)
        self._stacked = stacked
        half = len(around) // 2 + 1
        left, right = [*around[:1], *reversed(around[half:])], around[1:half]
        self.columns: dict[N, str] = dict.fromkeys(left, "left") | dict.fromkeys(right, "right")
        self.rows = self._rows(left, right)
        self._row_of = self._spread({node: at for at, row in enumerate(self.rows) for node in row}, arrows)
        self._arrows = arrows

    def _rows(self, left: list[N], right: list[N]) -> list[list[N]]:
        if len(left) == len(right) == 1 and not self._stacked:
            return [[*left, *right, *self._inside.get(right[0], ())]]
        rows: list[list[N]] = []
        between: list[N] = []
        if self._stacked and len(around := [*left, *right]) == 2:
            return [[node] for node in around]
        if len(left) == len(right) == 2 and not self._stacked:
            return [[left[0], right[0], *self._inside.get(right[0], ())], [left[1], right[1]]]
        for at in range(max(len(left), len(right))):
            ends = [*left[at : at + 1], *right[at : at + 1]]
            rows.append([*left[at : at + 1], *between, *right[at : at + 1]])
            between = [node for end in ends for node in self._inside.get(end, ())]
        return [*rows, between] if between else rows

    @staticmethod
    def _spread(row_of: dict[N, int], arrows: Sequence[tuple[N, N]]) -> dict[N, int]:
        """Give the nodes around the circle a row, too: below what leads to them, or else above what they lead to.

        They are not put there; but without it their arrows would pull the circle apart.
        """
        count = -1
        while count < len(row_of):
            count = len(row_of)
            for tail, head in arrows:
                if tail in row_of:
                    row_of.setdefault(head, row_of[tail] + 1)
            for tail, head in arrows:
                if head in row_of:
                    row_of.setdefault(tail, row_of[head] - 1)
        return row_of

    def is_upward(self, tail: N, head: N) -> bool:
        """Whether the arrow goes up, or to the left in one row of the circle."""
        if self._in_one_row(tail, head):
            row = self.rows[self._row_of[tail]]
            return row.index(head) < row.index(tail)
        return self._row_of.get(head, 0) < self._row_of.get(tail, 0)

    def is_level(self, tail: N, head: N) -> bool:
        """Whether the arrow joins nodes of the same height that are not in one row of the circle."""
        return (
            tail in self._row_of and self._row_of[tail] == self._row_of.get(head) and not self._in_one_row(tail, head)
        )

    def is_floor(self, tail: N, head: N) -> bool:
        """Whether it is the only arrow between the two nodes of the last row: its label must keep off the row above."""
        if len(self.rows) < 2 or len(self.rows[-1]) != 2 or {tail, head} != set(self.rows[-1]):
            return False
        return sum({tail, head} == set(arrow) for arrow in self._arrows) == 1

    def comes_back(self, tail: N, head: N) -> bool:
        """Whether the arrow leads from a node inside up to the node that it hangs on."""
        return tail in self._inside.get(head, ()) and self._row_of[tail] > self._row_of[head]

    def _in_one_row(self, tail: N, head: N) -> bool:
        return any(tail in row and head in row for row in self.rows)


def _unfold(circle: Sequence[N]) -> tuple[list[N], dict[N, list[N]]]:
    """The circle without what lies between a node and itself, and those nodes by the one that they hang on."""
    count = len(circle)
    turn = next((at for at in range(count) if count > 2 and circle[at] == circle[(at + 2) % count]), 1) - 1
    around: list[N] = []
    inside: dict[N, list[N]] = {}
    for node in [*circle[turn:], *circle[:turn]]:
        if len(around) > 1 and around[-2] == node:
            inside.setdefault(node, []).append(around.pop())
        elif node not in around:
            around.append(node)
    return around, inside
