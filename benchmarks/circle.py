"""The circle at kernel grain and its fix: every schedule in at most 50 ms of CPU."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.exploring import against, explored
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import circle

TARGET = 0.050


@benchmark("circle")
def explore_circle(effort: Effort) -> Iterator[Row]:
    """Five tasks, broken and fixed."""
    for fixed in (False, True):
        yield against(explored(partial(circle, fixed=fixed), effort.repeats), TARGET)
