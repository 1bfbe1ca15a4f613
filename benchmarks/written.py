"""The circle with reader-written primitives and its fix: the first deadlock, every schedule, and the memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.commands import peak_memory
from benchmarks.exploring import against, explored
from benchmarks.measure import Timing, measure
from benchmarks.partly import first_deadlock
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import written_circle
from kvmlab import Scenario, explore, traces
from kvmlab.controlled import Controlled
from kvmlab.verdict import plural

WHOLE, FIRST = 0.5, 0.1
"""Targets, in CPU seconds."""

MEMORY = 100_000_000
"""Target, in bytes."""


@benchmark("kvm5")
def explore_written_circle(effort: Effort) -> Iterator[Row]:
    """The first deadlock, every schedule broken and fixed, and the memory."""
    vcpus = effort.pick(tiny=0, quick=1, full=1)
    yield _first(effort)
    if effort.name != "tiny":
        yield _first_in_every_order(effort)
    for fixed in (False, True):
        make = partial(written_circle, vcpus, fixed=fixed)
        row = explored(make, effort.repeats)
        yield against(row, WHOLE)
        operations = performed(make())
        yield replace(
            row, what=f"{row.what}, per operation", operations=operations, size=f"each of {operations:,} operations"
        )
        yield _memory(f"written_circle({vcpus}, fixed={fixed})", row)


def _first(effort: Effort) -> Row:
    runs: list[int] = []
    timing = measure(lambda: runs.append(first_deadlock(written_circle()).runs), effort.repeats)
    row = Row("kvm5, first deadlock", timing, size=plural(runs[0], "run"), verdict="deadlock")
    return against(row, FIRST)


def _first_in_every_order(effort: Effort) -> Row:
    """The order in which the tasks are listed decides how soon the search meets a deadlock."""
    tasks = written_circle().tasks
    orders = list(itertools.permutations(tasks))[:: effort.pick(tiny=120, quick=10, full=1)]
    runs, seconds = [], []
    for order in orders:
        make = partial(_in_order, order)
        search: list[int] = []
        timing = measure(partial(_count, make, search), 1, warm_up=False)
        seconds.append(timing.best)
        runs += search
    runs.sort()
    row = Row(
        f"kvm5, first deadlock, {len(orders)} orders of the tasks", Timing(tuple(seconds)),
        size=f"{runs[0]:,} to {runs[-1]:,} runs, half of them up to {runs[len(runs) // 2]:,}", verdict="deadlock",
    )  # fmt: skip
    return against(row, FIRST)


def _in_order(order: Sequence[Callable[[Any], object]]) -> Scenario:
    return Scenario(written_circle().world, *order, name="kvm5")


def _count(make: Callable[[], Scenario], runs: list[int]) -> None:
    runs.append(first_deadlock(make()).runs)


def performed(scenario: Scenario) -> int:
    """How many operations the search by traces performs for `scenario` in all its runs."""
    total = 0

    class Counting(Controlled):
        """Counts when a run is over."""

        def close(self) -> None:
            nonlocal total
            total += sum(fiber.operations for fiber in self.fibers)
            super().close()

    with patch.object(traces, "Controlled", Counting):
        explore(scenario)
    return total


def _memory(make: str, row: Row) -> Row:
    """The memory of a process of its own that explores, all of Python included."""
    what = f"{row.what}, peak memory"
    code = "from kvmlab import explore\nfrom benchmarks.scenarios import written_circle"
    before, peak = peak_memory(code), peak_memory(f"{code}\nexplore({make})")
    if before is None or peak is None:
        return Row(what, None, note="this system does not say how much memory a process had")
    reached = "reached" if peak <= MEMORY else "missed"
    note = f"target {MEMORY / 1e6:g} MB: {reached}; {before / 1e6:.0f} MB before the search"
    return Row(what, None, size=f"{peak / 1e6:.0f} MB", verdict=row.verdict, note=note)
