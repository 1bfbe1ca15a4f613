"""Two VMs and seven tasks: what the next larger question costs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.exploring import explored
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import two_vms


@benchmark("two-vms")
def explore_two_vms(effort: Effort) -> Iterator[Row]:
    """Seven tasks, broken and fixed; fewer when tiny."""
    repeats, tasks = effort.pick(tiny=1, quick=1, full=2), effort.pick(tiny=3, quick=7, full=7)
    for fixed in (False, True):
        yield explored(partial(two_vms, fixed=fixed, tasks=tasks), repeats, warm_up=False)
