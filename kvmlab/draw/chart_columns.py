"""What stands in the columns of a schedule chart: by task, its operations, its holds, and its waits, row by row.

Row n is the operation number n; what is so after it holds from row n to row n + 1. Row 0 is the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kvmlab.draw.story import Moment, Story
from kvmlab.draw.words import wait_words


@dataclass
class Bar:
    """A task holds a lock, or (`pending`) waits inside it, from one row to another; `lane` counts from the left."""

    lock: str
    lane: int
    first: int
    pending: bool
    last: int = -1


@dataclass
class Column:
    """What one task does in a chart.

    Attributes:
        operations: by row, the two lines to write.
        end: what to write in the last row.
        bars: what it holds.
        waits: the rows after which it waits.
        alive: the rows after which it has not ended.
    """

    task: str
    operations: dict[int, tuple[str, str]] = field(default_factory=dict)
    end: tuple[str, ...] = ()
    bars: list[Bar] = field(default_factory=list)
    waits: set[int] = field(default_factory=set)
    alive: set[int] = field(default_factory=set)


def columns_of(story: Story) -> list[Column]:
    """The columns of the chart of `story`, one per task."""
    columns = {task: Column(task) for task in story.tasks}
    for row, step in enumerate(story.schedule, 1):
        columns[step.task].operations[row] = (step.operation, step.resource)
    for row, moment in enumerate(story.moments):
        for task, ask in moment.asks.items():
            columns[task].alive.add(row)
            if ask.blocked:
                columns[task].waits.add(row)
        for task, column in columns.items():
            _note_bars(column, row, _held(moment, task))
    for task, column in columns.items():
        for bar in column.bars:
            bar.last = bar.last if bar.last >= 0 else len(story.moments)
        column.end = _end(story.end, task)
    return list(columns.values())


def _held(moment: Moment, task: str) -> dict[str, bool]:
    """The locks that `task` holds, and whether it still waits inside."""
    return {
        hold.lock: hold.role == "pending" for hold in moment.holds if hold.task == task and hold.role != "synchronizer"
    }


def _note_bars(column: Column, row: int, held: dict[str, bool]) -> None:
    going_on = [bar for bar in column.bars if bar.last < 0]
    lanes = {bar.lock: bar.lane for bar in going_on}
    for bar in going_on:
        if held.get(bar.lock) != bar.pending:
            bar.last = row
    kept = {bar.lock for bar in column.bars if bar.last < 0}
    for lock, pending in held.items():
        if lock not in kept:
            used = {bar.lane for bar in column.bars if bar.last < 0} | set(lanes.values())
            lane = lanes.get(lock, next(free for free in range(len(used) + 1) if free not in used))
            column.bars.append(Bar(lock, lane, row, pending))


def _end(moment: Moment, task: str) -> tuple[str, ...]:
    """What stands in the last row of a task's column."""
    if task in moment.raised:
        return ("raised", moment.raised[task])
    ask = moment.asks.get(task)
    if ask is None:
        return ()
    if not ask.blocked:
        return (f"next: {ask.operation}", ask.lock)
    return (*wait_words(ask.operation, ask.role).label, ask.lock)
