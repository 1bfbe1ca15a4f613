"""The two searches on the same worlds: what is saved by not running Python again for every schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from benchmarks.exploring import explored, times
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import circle, philosophers
from kvmlab import Scenario


@benchmark("searches")
def compare_searches(effort: Effort) -> Iterator[Row]:
    """By states, then by traces; they must say the same."""
    readers = partial(circle, hotplug=False)
    makes: list[Callable[[], Scenario]] = effort.pick(
        tiny=[partial(philosophers, 2)],
        quick=[partial(philosophers, 4), readers],
        full=[partial(philosophers, 4), partial(philosophers, 5), readers, circle],
    )
    repeats = effort.pick(tiny=1, quick=1, full=2)
    for make in makes:
        states = explored(make, repeats, by="states")
        traces = explored(make, repeats, by="traces", warm_up=False)
        assert states.verdict == traces.verdict, f"{states.what}: {states.verdict}, {traces.verdict}"
        yield replace(states, what=f"{states.what}, by states")
        yield replace(traces, what=f"{traces.what}, by traces", note=f"{times(traces, states)} by states")
