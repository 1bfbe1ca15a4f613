"""Explore scenarios again and again, and say in rows what that took and what came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from benchmarks.measure import measure
from benchmarks.registry import Row
from kvmlab import Scenario, explore
from kvmlab.verdict import Exploration, plural


def explored(make: Callable[[], Scenario], repeats: int, *, warm_up: bool = True, **options: Any) -> Row:
    """The cost of ``explore(make(), **options)``; the scenario is made anew each time."""
    found: list[Exploration] = []

    def once() -> None:
        found[:] = [explore(make(), **options)]

    timing = measure(once, repeats, warm_up=warm_up)
    return Row(found[0].scenario, timing, size=size(found[0]), verdict=verdict(found[0]))


def size(result: Exploration) -> str:
    """What the search had to look at: ``4,126 states, 252,000,010 schedules``."""
    if result.search == "states":
        parts = [(result.states, "state"), (result.schedules, "schedule")]
    else:
        parts = [(result.runs, "run"), (result.classes, "inequivalent schedule")]
    return ", ".join(plural(number, noun) for number, noun in parts if number is not None)


def verdict(result: Exploration) -> str:
    """The verdict, and how many different deadlocks it means."""
    return f"deadlock ({len(result.deadlocks)})" if result.verdict == "deadlock" else result.verdict


def against(row: Row, target: float) -> Row:
    """`row` with a target for its median, in CPU seconds, and whether that was reached."""
    assert row.timing is not None
    reached = "reached" if row.timing.median <= target else "missed"
    return replace(row, note=f"target {target * 1e3:g} ms: {reached}")


def times(slow: Row, fast: Row) -> str:
    """How much more of the processor `slow` took than `fast`, best against best, per operation: ``31×``."""
    assert slow.timing is not None
    assert fast.timing is not None
    factor = slow.timing.best / slow.operations / max(fast.timing.best / fast.operations, 1e-12)
    return f"{factor:,.0f}×" if factor >= 10 else f"{factor:.1f}×"
