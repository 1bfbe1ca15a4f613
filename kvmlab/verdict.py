"""What a run or a search says: the verdict, the evidence, and the text that a learner reads."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kvmlab.circles import shortest_circle
from kvmlab.location import Location

if TYPE_CHECKING:
    from kvmlab.scenario import Scenario

ASSUMES = (
    "the tasks do the same each time they meet the same results",
    "all waiting goes through kvmlab's primitives",
    "what tasks share and change is guarded by them",
)
"""What every verdict about all schedules takes for granted."""


REPEATS = ("raised", "held", "endless")
"""The kinds of failure that a replay shows again."""

SHOWN = 60
"""How many operations of a schedule are printed; the middle of a longer one is left out."""


WIDTH = 76
"""How many characters a line of running text may have."""


class Step(NamedTuple):
    """One operation of a schedule."""

    task: str
    operation: str
    resource: str
    result: Any
    location: Location


class Schedule(tuple[Step, ...]):
    """Operations in the order in which they happened.

    Attributes:
        replay: a string that repeats it with `replay`: the numbers of the tasks in turn, from 1, joined by ``-``;
            ``2x5`` stands for five moves of task 2.
        scenario: the one that can repeat it; None when none can.
        notify_order, max_operations: what it was found with, see `explore`; None for the usual number of operations.
    """

    replay: str
    scenario: Scenario | None
    notify_order: str
    max_operations: int | None

    def __new__(
        cls,
        steps: Iterable[Step],
        replay: str,
        scenario: Scenario | None = None,
        notify_order: str = "fifo",
        max_operations: int | None = None,
    ) -> Schedule:
        """A schedule of `steps`, repeated by the string `replay` of `scenario`."""
        schedule = super().__new__(cls, tuple(steps))
        schedule.replay = replay
        schedule.scenario = scenario
        schedule.notify_order = notify_order
        schedule.max_operations = max_operations
        return schedule

    def __str__(self) -> str:
        rows = [
            (f"{number}.", step.task, f"{step.operation}({step.resource})", place(step.location))
            for number, step in enumerate(self, 1)
        ]
        return table(abridged(rows))

    def __repr__(self) -> str:
        return f"<Schedule {self.replay or '(empty)'}>"

    @property
    def how_to_repeat(self) -> str:
        """The call that repeats it, as a sentence."""
        order = "" if self.notify_order == "fifo" else f', notify_order="{self.notify_order}"'
        budget = f", max_operations={self.max_operations}" if self.max_operations else ""
        return f'replay(…, "{self.replay}"{order}{budget}) repeats it.'


class Wait(NamedTuple):
    """A task that cannot move: what it waits for, and who would have to move first (nobody: nobody is left)."""

    task: str
    resource: str
    holders: tuple[str, ...]


@dataclass(frozen=True)
class Deadlock:
    """No task can move and at least one has not finished.

    Attributes:
        schedule: the shortest way there that the search knows.
        waits: one per unfinished task, in the order of the scenario's tasks.
        lines: by task, the reader's line at which it waits.
        operations: by task, the operation it waits in.
        reasons: by task, why that operation cannot happen.
    """

    schedule: Schedule
    waits: tuple[Wait, ...]
    lines: dict[str, Location]
    operations: dict[str, str]
    reasons: dict[str, str]

    @property
    def replay(self) -> str:
        """The string that repeats it with `replay`."""
        return self.schedule.replay

    @property
    def cycle(self) -> tuple[str, ...]:
        """The tasks of a shortest circle of waits, first repeated last; empty when a wait has nobody at its end."""
        circle = shortest_circle({wait.task: wait.holders for wait in self.waits})
        return (*circle, *circle[:1])

    def __str__(self) -> str:
        return "\n".join(
            wrapped(f"{wait.task} waits for {wait.resource}: {self.reasons[wait.task]}.", "  ")
            + f"\n    {place(self.lines[wait.task])}"
            for wait in self.waits
        )


@dataclass(frozen=True)
class Failure:
    """A task that did something wrong by itself.

    Attributes:
        task: its name.
        kind: ``raised``, ``held`` (ended while holding a lock), ``endless`` (used up its operations), ``stuck``
            (blocked or span outside kvmlab's primitives, or started too many threads), ``race`` (plain data touched
            by two tasks with nothing that orders them), ``not repeatable``.
        message: one sentence or two.
        lock: the name of the lock it is about; None if it is about none.
        location: the reader's line; None when there is none to name.
        schedule: the operations that led there.
        error: the exception, for ``raised``.
        also: the other line, for ``race``.
    """

    task: str
    kind: str
    message: str
    lock: str | None
    location: Location | None
    schedule: Schedule
    error: BaseException | None = field(default=None, compare=False)
    also: Location | None = None

    @property
    def replay(self) -> str:
        """The string that repeats it with `replay`."""
        return self.schedule.replay

    def __str__(self) -> str:
        lines = [line for line in (self.location, self.also) if line]
        where = "".join(f"\n  at {line}" for line in lines)
        return wrapped(self.message, "  ") + where


@dataclass(frozen=True)
class Run:
    """What one run did.

    Attributes:
        verdict: ``finished``, ``deadlock``, ``failed``, or ``not finished`` (the schedule ended first).
        schedule: what happened, in order.
        deadlock: where it stands still; None if it does not.
        failures: what went wrong; empty if nothing did.
        movable: the tasks that could move next.
        output: what the tasks printed.
    """

    scenario: str
    verdict: str
    schedule: Schedule
    deadlock: Deadlock | None = None
    failures: tuple[Failure, ...] = ()
    movable: tuple[str, ...] = ()
    output: str = ""

    @property
    def deadlocks(self) -> tuple[Deadlock, ...]:
        """The deadlock, in a tuple of at most one."""
        return (self.deadlock,) if self.deadlock else ()

    def __str__(self) -> str:
        lines = []
        if self.deadlock:
            lines += ["Deadlock: no task can move.", str(self.deadlock)]
        elif self.failures:
            lines += ["Failed."] + [str(failure) for failure in self.failures]
        elif self.verdict == "finished":
            lines += ["Finished: every task came to its end."]
        else:
            lines += [f"Not finished: the schedule ended; next could be {' or '.join(self.movable) or 'nobody'}."]
        return "\n".join([*lines, *printed(self.output)])

    __repr__ = __str__


@dataclass(frozen=True)
class Exploration:
    """What a search over all schedules says.

    Attributes:
        verdict: ``deadlock``, ``failed``, ``proven`` or ``not finished``. A budget that ran out is never a pass.
        deadlocks: the different ones, each with a shortest schedule; shortest first.
        failures: the different ones, each with a shortest schedule.
        search: ``states`` or ``traces``; `why` says why that one.
        schedules: how many complete schedules there are; None when the search does not count them.
        deadlocked: how many of the schedules, or else of the classes, end in a deadlock; None when a budget ran out.
        states: how many states the search by states met; None for the other search.
        classes: how many inequivalent complete schedules there are; None for the search by states.
        runs: how many runs the search by traces made; None for the other search.
        assumes: what the verdict takes for granted.
        unfinished: why the search stopped early; None when it did not.
        output: what the tasks printed along the shortest counterexample.
    """

    scenario: str
    verdict: str
    deadlocks: tuple[Deadlock, ...]
    failures: tuple[Failure, ...]
    search: str
    why: str
    schedules: int | None = None
    deadlocked: int | None = None
    states: int | None = None
    classes: int | None = None
    runs: int | None = None
    assumes: tuple[str, ...] = ASSUMES
    unfinished: str | None = None
    output: str = ""

    @property
    def shortest(self) -> Schedule | None:
        """The shortest schedule that ends in a deadlock, or else in a failure; None when there is none."""
        found = self.deadlocks or self.failures
        return min((one.schedule for one in found), key=len) if found else None

    def __str__(self) -> str:
        lines = [self._headline()]
        for deadlock in self.deadlocks[:3]:
            lines += ["", f"Deadlock after {plural(len(deadlock.schedule), 'operation')}:", str(deadlock.schedule)]
            lines += ["then nobody can move:", str(deadlock), deadlock.schedule.how_to_repeat]
        if len(self.deadlocks) > 3:
            lines += ["", f"and {len(self.deadlocks) - 3} more, in .deadlocks"]
        for failure in self.failures[:3]:
            lines += ["", f"Failure after {plural(len(failure.schedule), 'operation')}:", str(failure.schedule)]
            lines += [str(failure), *([failure.schedule.how_to_repeat] if failure.kind in REPEATS else [])]
        if len(self.failures) > 3:
            lines += ["", f"and {len(self.failures) - 3} more, in .failures"]
        lines += printed(self.output)
        if self.verdict == "proven":
            lines += [wrapped("Assumes: " + "; ".join(self.assumes) + ".")]
        elif self.deadlocks or self.failures:
            lines += [""]
        lines += [wrapped(f"Searched by {self.search}: {self.why}.")]
        if self.unfinished and self.verdict != "not finished":
            lines += [wrapped(f"There may be more: the search did not end. {self.unfinished}")]
        return "\n".join(lines)

    __repr__ = __str__

    @property
    def size(self) -> str | None:
        """How many schedules there are, or how many inequivalent ones, in words; None when neither is known."""
        if self.schedules is not None:
            return plural(self.schedules, "schedule")
        return None if self.classes is None else plural(self.classes, "inequivalent schedule")

    def _headline(self) -> str:
        size = self.size
        if self.verdict == "deadlock":
            share = f"{self.deadlocked:,} of {size}" if self.deadlocked is not None else "some schedules"
            return f"{self.scenario}: deadlock, {plural(len(self.deadlocks), 'way')}, in {share}."
        if self.verdict == "failed":
            return f"{self.scenario}: failed, {plural(len(self.failures), 'way')}."
        if self.verdict == "not finished":
            return wrapped(f"{self.scenario}: not finished, so nothing is proven. {self.unfinished}")
        where = "its only schedule" if 1 in (self.schedules, self.classes) else f"any of {size}"
        return f"{self.scenario}: proven. No deadlock and no failure in {where}."


def replay_string(numbers: Sequence[int]) -> str:
    """The string for a schedule of tasks with `numbers`, from 0: ``1-2-2-3``; long runs are folded, ``1x300``."""
    parts = []
    for number, group in itertools.groupby(numbers):
        count = len(list(group))
        parts += [f"{number + 1}x{count}"] if count > 3 else [str(number + 1)] * count
    return "-".join(parts)


def wrapped(text: str, margin: str = "") -> str:
    """`text` in lines that fit a page, each after `margin`, the later ones two further in."""
    return textwrap.fill(
        text, WIDTH, initial_indent=margin, subsequent_indent=margin + "  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def printed(output: str) -> list[str]:
    """What the tasks printed, as lines to add to a text; none if they printed nothing."""
    return ["", "The tasks printed:", *("  " + line for line in output.splitlines())] if output else []


def plural(number: int | None, noun: str) -> str:
    """``1 schedule``, ``1,234 schedules``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def place(location: Location) -> str:
    """Where an operation was asked for, in short: ``line 3: with w.kvm_lock:``, with the functions in between."""
    if not location.line:
        return "no line of yours"
    via = f" [{' > '.join(location.via)}]" if location.via else ""
    return f"line {location.line}: {location.text}{via}" if location.text else f"line {location.line}{via}"


def ends(count: int) -> tuple[int, int]:
    """How many of `count` operations are shown at the beginning and at the end; those between are left out."""
    return (count, 0) if count <= SHOWN else (SHOWN - 10, 10)


def abridged(rows: Sequence[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """`rows`, one an operation, those that are shown; a row in the middle counts the others, if there are any."""
    first, last = ends(len(rows))
    left_out = len(rows) - first - last
    gap = [("", f"… {left_out:,} more …", "", "")] if left_out else []
    return [*rows[:first], *gap, *rows[len(rows) - last :]]


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """`rows` as aligned columns, two spaces apart and two in."""
    cells = list(rows)
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))] if cells else []
    return "\n".join(
        ("  " + "  ".join(part.ljust(width) for part, width in zip(row, widths, strict=True))).rstrip() for row in cells
    )
