"""Draws a schedule chart from its columns."""

from __future__ import annotations

from collections.abc import Sequence

from kvmlab.draw.chart_columns import Bar, Column
from kvmlab.draw.layout import Point
from kvmlab.draw.markup import element, label, line_height, number, quote, shorten, width
from kvmlab.draw.sheet import Sheet
from kvmlab.verdict import ends, plural

TEXT = 12.5
ROW = 42
TOP = 64.0
"""The middle of the first row."""

GUTTER = 30.0
"""Where the first column begins; to the left of it are the numbers of the rows."""

LIFE = 9
"""Where a column's life line is, from its left edge."""

LANES = 21
"""Where its first bar is."""

LANE = 10
BAR = 6


class Rows:
    """Where the rows are. Of a long schedule the middle is left out.

    Attributes:
        count: how many there are.
        shown: the numbers of those that are drawn.
        hidden: how many are left out.
        gap: the middle of the row that stands for them.
        end: where the last row ends.
    """

    def __init__(self, count: int) -> None:
        first, last = ends(count)
        self.count = count
        self.shown = [*range(1, first + 1), *range(count - last + 1, count + 1)]
        self.hidden = count - len(self.shown)
        cut = self.hidden > 0
        self._at = {row: at if at < first else at + cut for at, row in enumerate(self.shown)}
        self.gap = TOP + ROW * first
        self.end = TOP + ROW * (len(self.shown) + cut)

    def y(self, row: int) -> float:
        """The middle of `row`; 0 is the beginning, one more than there are is the end."""
        if row == 0:
            return TOP - ROW / 2 + 8
        if row > self.count:
            return self.end
        return TOP + ROW * self._at[row] if row in self._at else self.gap


def draw(columns: Sequence[Column], count: int) -> Sheet:
    """The chart of `columns`, of a schedule of `count` operations."""
    rows = Rows(count)
    sheet = Sheet("kl-chart")
    lefts = [GUTTER]
    for column in columns:
        lefts.append(lefts[-1] + _width(column))
    for row in [*rows.shown, count + 1]:
        line = f"M0 {number(rows.y(row) - ROW / 2)}H{number(lefts[-1])}"
        sheet.parts.append(element("path", d=line, stroke="currentColor", stroke_opacity=0.2, class_="kl-rule"))
    names = [(str(row), rows.y(row)) for row in rows.shown] + ([("⋮", rows.gap)] if rows.hidden else [])
    for name, y in names:
        sheet.parts.append(label((name,), GUTTER - 8, y, TEXT, anchor="end", class_="kl-muted"))
    for at, (column, left) in enumerate(zip(columns, lefts, strict=False)):
        moved = f"translate({number(left)} 0)"
        sheet.parts.append(element("g", *_column(column, rows, at), transform=moved))
    last = max((len(column.end) for column in columns), default=0)
    bottom = rows.end + line_height(TEXT) * last + (20 if last else 4)
    sheet.cover(Point(lefts[-1], bottom))
    _add_legend(sheet, columns, rows.hidden, bottom)
    return sheet


def _text_at(column: Column) -> float:
    """Where a column's text begins, from its left edge."""
    return LANES + LANE * max((bar.lane + 1 for bar in column.bars), default=0) + 2


def _width(column: Column) -> float:
    lines = [line for pair in column.operations.values() for line in pair] + list(column.end)
    text = max((width(shorten(line), TEXT, mono=True) for line in lines), default=0)
    return max(_text_at(column) + text, width(shorten(column.task), TEXT, mono=True) * 1.05) + 14


def _column(column: Column, rows: Rows, at: int) -> list[str]:
    parts = [
        label(
            (shorten(column.task),), 0, 16, TEXT, mono=True, anchor="start", bold=True, class_=f"kl-task-{at % 6 + 1}"
        ),
        label((f"task {at + 1}",), 0, 16 + line_height(TEXT), TEXT - 1, anchor="start", class_="kl-muted"),
        *_life(column, rows),
        *(_bar(bar, rows) for bar in column.bars if rows.y(bar.first) < rows.y(bar.last)),
    ]
    for row, (operation, lock) in column.operations.items():
        if row in rows.shown:
            x, y, half = _text_at(column), rows.y(row), line_height(TEXT) / 2
            parts += [
                element("circle", cx=LIFE, cy=y, r=4.5, fill="currentColor", class_="kl-step"),
                label((shorten(operation),), x, y - half, TEXT, anchor="start"),
                label((shorten(lock),), x, y + half, TEXT, mono=True, anchor="start"),
            ]
    return [*parts, _ending(column, rows)] if column.end else parts


def _life(column: Column, rows: Rows) -> list[str]:
    """The life line: from each row to the next, dashed where the task waits, thin where it could move."""
    parts = []
    for row in range(rows.count + 1):
        line = f"M{LIFE} {number(rows.y(row))}V{number(rows.y(row + 1))}"
        if row not in column.alive or rows.y(row) == rows.y(row + 1):
            continue
        if row in column.waits:
            parts.append(element("g", _dashes(line), class_="kl-wait"))
        else:
            parts.append(element("path", d=line, stroke="currentColor", stroke_opacity=0.5, class_="kl-life"))
    if column.operations and rows.count not in column.alive:
        end = f"M{LIFE - 6} {number(rows.y(max(column.operations)) + 9)}h12"
        parts.append(element("path", d=end, stroke="currentColor", class_="kl-life"))
    return parts


def _bar(bar: Bar, rows: Rows) -> str:
    top = rows.y(bar.first) - 4
    title = f"{'has set the block flag of' if bar.pending else 'holds'} {bar.lock}"
    return _rectangle(LANES + LANE * bar.lane, top, rows.y(bar.last) - 4 - top, title, pending=bar.pending)


def _rectangle(x: float, y: float, height: float, title: str = "", *, pending: bool) -> str:
    return element(
        "rect", *([element("title", quote(title))] if title else []), x=x, y=y, width=BAR, height=height,
        fill="none" if pending else "currentColor", stroke="currentColor", stroke_width=1.5,
        class_="kl-bar kl-pending" if pending else "kl-bar",
    )  # fmt: skip


def _ending(column: Column, rows: Rows) -> str:
    """The last row of a column: what it waits for, what it would do next, or what it raised."""
    *words, lock = column.end
    blocked, ended = rows.count in column.waits, rows.count not in column.alive
    x, y = _text_at(column), rows.end + 4
    parts = [
        label((line,), x, y + line_height(TEXT) * at, TEXT, anchor="start", bold=blocked or ended)
        for at, line in enumerate(words)
    ]
    parts.append(label((shorten(lock),), x, y + line_height(TEXT) * len(words), TEXT, mono=True, anchor="start"))
    if blocked:
        stop = f"M{LIFE - 7} {number(rows.end)}h14"
        parts.append(element("path", d=stop, stroke="currentColor", stroke_width=4))
    return element("g", *parts, class_="kl-blocked" if blocked else "kl-deadlock" if ended else "kl-muted")


def _add_legend(sheet: Sheet, columns: Sequence[Column], hidden: int, y: float) -> None:
    """Say what the signs mean, only those that occur."""
    bars = {bar.pending for column in columns for bar in column.bars}
    entries = [
        (True, element("circle", cx=5, cy=0, r=4.5, fill="currentColor", class_="kl-step"), "operation"),
        (False in bars, _rectangle(2, -7, 14, pending=False), "holds the lock"),
        (True in bars, _rectangle(2, -7, 14, pending=True), "has set the block flag"),
        (any(column.waits for column in columns), element("g", _dashes("M5 -9V9"), class_="kl-wait"), "waits"),
        (hidden > 0, label(("⋮",), 5, 0, TEXT), f"{plural(hidden, 'operation')} left out"),
    ]
    x = 4.0
    for occurs, sign, words in entries:
        if occurs:
            said = label((words,), 14, 0, TEXT, anchor="start")
            sheet.parts.append(element("g", sign, said, transform=f"translate({number(x)} {number(y)})"))
            x += 14 + width(words, TEXT) + 18
    sheet.cover(Point(x, y + ROW / 4))


def _dashes(line: str) -> str:
    return element("path", d=line, stroke="currentColor", fill="none", stroke_width=3, stroke_dasharray="4 4")
