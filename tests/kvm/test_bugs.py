"""The bugs of chapter 10, taken from its cells: each hangs before its repair and not after, by either search."""

from __future__ import annotations

import contextlib
import io
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kvmlab import Scenario, explore, lockdep

CHAPTER = Path(__file__).resolve().parents[2] / "book" / "10_other_ways_out.ipynb"

# The shortest way to hang, in operations; None for the one that loops.
SHORTEST = {
    "vendor modules": 4,
    "usage count": 7,
    "Xen events": 3,
    "CPU start": 3,
    "VFIO group": 2,
    "thread groups": 6,
    "interrupt tables": 2,
    "crypto queues": 3,
    "APIC page": 3,
    "MSR filter": 4,
    "I/O device": 4,
    "I/O bus": 7,
    "slab caches": 4,
    "reclaim": 2,
    "static key": 3,
    "prefault": None,
    "work queue": 5,
    "destroy queue": 1,
    "assign device": 3,
}
EVENTS = {"work queue", "destroy queue"}  # they wait for what has no owner


@cache
def chapter() -> dict[str, Any]:
    """Return the names that the chapter's cells define, run once from top to bottom."""
    names: dict[str, Any] = {"__name__": "chapter_10"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in nbformat.read(CHAPTER, as_version=4).cells:
            if cell.cell_type == "code":
                exec(compile(cell.source, f"<{cell.id}>", "exec"), names)
    return names


def bug(name: str) -> Any:
    """Return one bug of the chapter's table."""
    return chapter()["bugs"][name]


def test_these_are_all_bugs_of_the_table() -> None:
    assert list(chapter()["bugs"]) == list(SHORTEST)


def test_every_pattern_has_a_bug() -> None:
    patterns = {each.pattern for each in chapter()["bugs"].values()}
    assert patterns == {
        "SPLIT", "RESOURCE", "ORDER", "DROP", "MOVE-WAIT", "DEFER", "REMOVE", "CPUSLOCKED", "BAIL",
    }  # fmt: skip


@pytest.mark.parametrize("name", SHORTEST)
def test_before(name: str) -> None:
    found = explore(bug(name).before, max_operations=8)
    if SHORTEST[name] is None:
        assert {failure.kind for failure in found.failures} == {"endless"}
    else:
        assert found.verdict == "deadlock"
        assert found.shortest is not None
        assert len(found.shortest) == SHORTEST[name]


@pytest.mark.parametrize("name", SHORTEST)
def test_after(name: str) -> None:
    assert explore(bug(name).after).verdict == "proven"


@pytest.mark.parametrize("name", [name for name, shortest in SHORTEST.items() if shortest])
def test_the_search_by_traces_finds_the_same_waits(name: str) -> None:
    by_states, by_traces = explore(bug(name).before), explore(bug(name).before, by="traces")
    assert {one.waits for one in by_traces.deadlocks} == {one.waits for one in by_states.deadlocks}


@pytest.mark.parametrize("name", SHORTEST)
def test_the_search_by_traces_proves_the_same_repair(name: str) -> None:
    assert explore(bug(name).after, by="traces").verdict == "proven"


@pytest.mark.parametrize("name", [name for name, shortest in SHORTEST.items() if shortest and name not in EVENTS])
def test_every_task_is_needed(name: str) -> None:
    before = bug(name).before
    for left_out in before.tasks:
        rest = [task for task in before.tasks if task is not left_out]
        if rest:
            assert explore(Scenario(before.world, *rest)).verdict == "proven", left_out


def test_the_work_queue_needs_the_writer_and_both_readers() -> None:
    names = chapter()
    for left_out in ("cpu_offline", "set_watchdog", "css_offline", "bpf_release"):
        rest = [task for task in names["busy"].tasks if task is not names[left_out]]
        assert explore(Scenario(names["Busy"], *rest)).verdict == "proven"


@pytest.mark.parametrize("name", ["CPU start", "Xen events"])
def test_an_srcu_reader_hides_the_inversion_since_v6_4(name: str) -> None:
    before = bug(name).before
    assert lockdep(before, "6.1", order="every").verdict == "reported"
    assert lockdep(before, "6.12", order="every").verdict == "silent"


@pytest.mark.parametrize("name", ["work queue", "destroy queue", "prefault"])
def test_lockdep_is_not_told_of_places_completions_and_loops(name: str) -> None:
    assert lockdep(bug(name).before, order="every").verdict == "silent"
