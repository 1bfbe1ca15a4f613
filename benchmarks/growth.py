"""Growth: what one task more costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from benchmarks.exploring import explored, times
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import circle, philosophers
from kvmlab import Scenario
from kvmlab.verdict import plural


@benchmark("growth")
def explore_more_and_more(effort: Effort) -> Iterator[Row]:
    """More vCPUs in the circle, more of them without the hotplug writer, and more philosophers."""
    repeats = effort.pick(tiny=1, quick=1, full=3)
    yield from _grow("vCPU", circle, effort.pick(tiny=[0], quick=[1, 2], full=[1, 2, 3]), repeats)
    readers = partial(circle, hotplug=False)
    yield from _grow("vCPU", readers, effort.pick(tiny=[0], quick=[1, 2, 3], full=[1, 2, 3, 4]), repeats)
    yield from _grow("", philosophers, effort.pick(tiny=[2, 3], quick=[4, 5, 6], full=[4, 5, 6, 7, 8]), repeats)


def _grow(noun: str, make: Callable[[int], Scenario], numbers: Sequence[int], repeats: int) -> Iterator[Row]:
    """A row for each of `numbers`, and how much more of the processor it took than the one before."""
    before: Row | None = None
    for number in numbers:
        row = explored(partial(make, number), repeats, warm_up=number == numbers[0])
        what = f"{row.what}, {plural(number, noun)}" if noun else row.what
        row = replace(row, what=what, note=f"{times(row, before)} the row before" if before else "")
        yield row
        before = row
