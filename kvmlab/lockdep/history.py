"""What lockdep said to one history of a scenario, and to all of its orders."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from kvmlab.lockdep.graph import Graph
from kvmlab.lockdep.report import CIRCULAR, RECURSIVE, Report
from kvmlab.verdict import Deadlock, Failure, Schedule, plural, table

WIDTH = 74
"""How wide a line of the text is at most; the page shows as much without scrolling."""


@dataclass(frozen=True)
class History:
    """One history: what the tasks did, in which order, and what lockdep said.

    Attributes:
        scenario: the scenario's name.
        linux: the name of the rules.
        verdict: ``reported`` (a report after which lockdep is off), ``warning`` (it complained and went on), or
            ``silent``.
        report: the report, else the first warning; None when silent.
        order: the tasks in the order in which they began; along a schedule, in that of their first operations.
        graph: the dependencies recorded; the one that a report is about is not among them.
        schedule: the operations.
        finished: whether every task came to its end.
        deadlock: where this very history stands still; None if it does not.
        failures: what a task did wrong by itself.
    """

    scenario: str
    linux: str
    verdict: str
    report: Report | None
    order: tuple[str, ...]
    graph: Graph
    schedule: Schedule
    finished: bool = True
    deadlock: Deadlock | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def cycle(self) -> tuple[str, ...]:
        """The lock classes of the circle, first repeated last; empty when there is none."""
        return self.report.cycle if self.report else ()

    @property
    def reporter(self) -> str | None:
        """The task whose step brought it to light; None when silent."""
        return self.report.requested.task if self.report else None

    @property
    def at(self) -> int | None:
        """The place of that task in the order, from 1; None when silent."""
        return self.order.index(self.reporter) + 1 if self.reporter is not None else None

    @property
    def headline(self) -> str:
        """The verdict, the rules, and where; the first line of the text."""
        return f"{self.scenario}: {self._verdict()}"

    def __str__(self) -> str:
        lines = [self.headline]
        if self.report:
            lines += ["", *_wrapped(str(self.report))]
        lines += self._closing()
        return "\n".join(lines)

    __repr__ = __str__

    def _verdict(self) -> str:
        rules = f"({_rules(self.linux)})"
        if self.verdict != "silent":
            return f"{self.verdict} {rules} at {self.reporter}, {_place(self.at, len(self.order))}."
        if self.deadlock:
            return f"silent {rules}, and the tasks hang."
        if self.failures:
            return f"silent {rules}, and a task failed."
        if not self.finished:
            return f"silent {rules}. The schedule ends before the tasks do."
        return f"silent {rules}. {plural(len(self.order), 'task')} ran to the end."

    def _closing(self) -> list[str]:
        lines = []
        if self.deadlock:
            lines += ["This history does not end: no task can move.", *_wrapped(str(self.deadlock))]
        lines += [line for failure in self.failures for line in _wrapped(str(failure))]
        if not lines and self.report and self.report.kind in (CIRCULAR, RECURSIVE):
            lines += ["No deadlock happened; this one could."]
        return ["", *lines] if self.report and lines else lines


@dataclass(frozen=True)
class Orders:
    """All orders of the tasks of a scenario, each a history of its own with a lockdep fresh from boot.

    Attributes:
        scenario: the scenario's name.
        linux: the name of the rules.
        histories: by order.
    """

    scenario: str
    linux: str
    histories: Mapping[tuple[str, ...], History]

    @property
    def verdict(self) -> str:
        """The verdict if it is the same in all orders, else ``depends on the order``."""
        verdicts = {history.verdict for history in self.histories.values()}
        return verdicts.pop() if len(verdicts) == 1 else "depends on the order"

    def __len__(self) -> int:
        return len(self.histories)

    def __getitem__(self, order: tuple[str, ...]) -> History:
        """The history of one order."""
        return self.histories[order]

    def __str__(self) -> str:
        said = sorted((_said(history), number) for number, history in enumerate(self.histories.values()))
        groups = [(key, [number for _, number in group]) for key, group in groupby(said, key=lambda each: each[0])]
        rows = [(plural(len(numbers), "order"), what) for (_, what), numbers in groups]
        head = f"{self.scenario}: {self.verdict} ({_rules(self.linux)}), {plural(len(self), 'order')}."
        return "\n".join([head, table(rows)])

    __repr__ = __str__


def _said(history: History) -> tuple[int, str]:
    """What to sort and group a history by."""
    if history.at is None:
        return 0, "silent, and the tasks hang" if history.deadlock else "silent"
    return history.at, f"{history.verdict} at {_place(history.at, len(history.order))}"


def _rules(linux: str) -> str:
    return f"Linux {linux}" if linux[:1].isdigit() else f"rules: {linux}"


def _place(at: int | None, of: int) -> str:
    return f"the last of {plural(of, 'task')}" if at == of else f"task {at} of {of}"


def _wrapped(text: str) -> list[str]:
    """The lines of a text, the long ones folded; what is continued is set in by four."""
    folded: list[str] = []
    for line in text.splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        fold = textwrap.TextWrapper(WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        folded += fold.wrap(line) or [""]
    return folded
