"""Growth with reader-written primitives: more vCPUs, more VMs, each with a budget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks.exploring import times
from benchmarks.measure import measure
from benchmarks.partly import searched, verdict
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import written_circle
from kvmlab.traces import TraceSearch
from kvmlab.verdict import plural

Cell = tuple[int, int]


@benchmark("kvm5-growth")
def explore_more_and_more(effort: Effort) -> Iterator[Row]:
    """One to five vCPUs, one to three VMs: the first deadlock of kvm5, and every schedule of its fix."""
    vcpus, vms = effort.pick(tiny=([0, 1], [1]), quick=([1, 2, 3], [1, 2]), full=([1, 2, 3, 4, 5], [1, 2, 3]))
    seconds = effort.pick(tiny=0.2, quick=5, full=60)
    for fixed in (False, True):
        done: dict[Cell, Row] = {}
        for cell in ((vcpu, vm) for vm in vms for vcpu in vcpus):
            row = _cell(cell, seconds, done, fixed=fixed)
            if row.verdict != "not finished":
                done[cell] = row
            yield row


def _cell(cell: Cell, seconds: float, done: dict[Cell, Row], *, fixed: bool) -> Row:
    vcpus, vms = cell
    what = f"{'kvm5, fixed' if fixed else 'kvm5, first deadlock'}: {plural(vcpus, 'vCPU')}, {plural(vms, 'VM')}"
    smaller = [one for one in ((vcpus - 1, vms), (vcpus, vms - 1)) if min(one) > 0]
    if not all(one in done for one in smaller):
        return Row(what, None, verdict="not finished", note="not tried: a smaller one used up its time")
    found: list[TraceSearch] = []
    make = partial(written_circle, vcpus, vms, fixed=fixed)
    timing = measure(lambda: found.append(searched(make(), seconds, first=not fixed)), 1, warm_up=False)
    search = found[0]
    said = "deadlock" if search.deadlocks else verdict(search)
    classes = plural(search.classes, "inequivalent schedule")
    row = Row(what, timing, size=f"{plural(search.runs, 'run')}, {classes}", verdict=said)
    if said == "not finished":
        return replace(row, note=f"stopped after {seconds:g} s")
    ratios = [f"{times(row, done[one])} {plural(one[0], 'vCPU')}, {plural(one[1], 'VM')}" for one in smaller]
    return replace(row, note="; ".join(ratios))
