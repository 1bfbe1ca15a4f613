"""Answers that are only stated, in tasks to find or to review, agree with the explorer on what the notebook shows."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from kvmlab import Mutex, Scenario, Shared, explore, state_graph, threading
from kvmlab.practice.ending import Unmet, ending
from kvmlab.practice.tasks import ch06, ch10
from kvmlab.practice.worlds import Driver, TwoVMs
from kvmlab.primitives import SRCU, Completion

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"


def cell(notebook: str, cell_id: str) -> str:
    """The source of a cell."""
    cells = json.loads((SOLUTIONS / notebook).read_text(encoding="utf-8"))["cells"]
    return "".join(next(one["source"] for one in cells if one["id"] == cell_id))


def defined(*sources: str) -> dict[str, Any]:
    """What cells define; an expression at the end is left out."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for source in sources:
        exec(source.split("\n\n\nexplore(")[0], names)
    return names


REPORT = {
    "set_memory": "vm1.srcu", "walk": "vm1.slots_lock", "notifier": "kvm_lock", "vcpu": "cpu_hotplug_lock"
}  # fmt: skip
CIRCLE = "06_the_circle.ipynb"


@pytest.mark.parametrize("fifth", sorted(ch06.CANDIDATES))
def test_the_fifth_task_is_one_that_leads_to_the_report(fifth: str) -> None:
    names = defined(cell(CIRCLE, "host-tasks"), cell(CIRCLE, "fifth-tasks"))
    found = explore(Scenario(TwoVMs, *(names[task] for task in REPORT), names[fifth]))
    ends = [{wait.task: wait.resource for wait in deadlock.waits} for deadlock in found.deadlocks]
    waiting = [{task: lock for task, lock in end.items() if task in REPORT} for end in ends]
    held = [end for end, listed in zip(found.deadlocks, waiting, strict=True) if listed == REPORT]
    by_notifier = [end for end in held if "notifier" in next(w for w in end.waits if w.task == fifth).holders]
    assert bool(by_notifier) == (fifth in ch06.FITS)


@pytest.mark.parametrize(("way", "can"), [("1-1-4", False), ("4-1-1", True)], ids=["comes late", "was there before"])
def test_a_late_reader_saves_the_circle(way: str, can: bool) -> None:
    names = defined(cell(CIRCLE, "host-tasks"), cell(CIRCLE, "fifth-tasks"))
    for fifth in ch06.FITS:
        graph = state_graph(Scenario(TwoVMs, *(names[task] for task in REPORT), names[fifth]))
        state = 0
        for turn in way.split("-"):
            state = graph.moves[int(turn) - 1][state]
        assert bool(graph.dead_ahead[state]) == can


def in_circles(tasks: Sequence[Any]) -> set[str]:
    """Who waits in a deadlock of these tasks that all of them are needed for."""
    return {wait.task for one in explore(Scenario(Driver, *tasks)).deadlocks for wait in one.waits}


def test_the_tasks_on_a_circle_with_release_are_those() -> None:
    names = defined(cell("10_other_ways_out.ipynb", "who-else-tasks"))
    release = names["release"]
    others = [names[name] for name in ch10.OTHERS]
    circles = [
        {task.__name__ for task in some}
        for size in (1, 2, 3)
        for some in combinations(others, size)
        if len(in_circles([release, *some])) == size + 1
    ]
    smallest = [one for one in circles if not any(other < one for other in circles)]
    assert set().union(*smallest) == ch10.ON_A_CIRCLE
    assert {"remove_member", "walk_list"} in smallest


@pytest.mark.parametrize("shared", [(), ("close", "flush"), ("close", "write"), ("flush", "write")])
def test_each_kind_of_work_needs_a_queue_of_its_own(shared: tuple[str, ...]) -> None:
    class Queues:
        def __init__(self) -> None:
            one = threading.Semaphore(1)
            apart = {kind: threading.Semaphore(1) for kind in ("close", "flush", "write")}
            self.queue = {kind: one if kind in shared else apart[kind] for kind in apart}
            self.flushed, self.written = Completion(), Completion()

    def close(w: Queues) -> None:
        with w.queue["close"]:
            w.flushed.wait()

    def flush(w: Queues) -> None:
        with w.queue["flush"]:
            w.written.wait()
            w.flushed.complete()

    def write(w: Queues) -> None:
        with w.queue["write"]:
            w.written.complete()

    assert explore(Scenario(Queues, close, flush, write)).verdict == ("deadlock" if shared else "proven")


class Routes:
    """The world of the review."""

    def __init__(self) -> None:
        self.vm_lock, self.vcpu_mutex, self.routing_lock = Mutex(), Mutex(), Mutex()
        self.srcu = SRCU()
        self.routes = Shared("r")


REPAIRS = {
    6: {6: "        with w.vcpu_mutex:", 7: "            kick(w)"},
    20: {20: "    w.srcu.synchronize()"},
    24: {24: "        with w.routing_lock: w.routes.store(w.routes.load() + 'a')"},
}
"""By faulty line, the lines that repair it."""


def reviewed(repaired: Sequence[int]) -> str:
    """What is found in the listing of the review, when these faults are repaired."""
    text = cell("10_other_ways_out.ipynb", "review").split("```python\n")[1].split("```")[0]
    lines = {int(number): line for number, line in re.findall(r"^ *(\d+)  (.*)$", text, re.MULTILINE)}
    assert sorted(lines) == list(range(1, 27))
    for fault in repaired:
        lines |= REPAIRS[fault]
    program = "\n".join(lines[number] for number in sorted(lines))
    names: dict[str, Any] = dict.fromkeys(["kick", "tell", "release"], lambda *_: None)
    exec(program, names)

    def set_routes(w: Routes) -> None:
        names["set_routes"](w, "n")

    def nothing_lost(w: Routes) -> None:
        if sorted(w.routes.load()) != ["a", "m", "r"]:
            raise Unmet("lost", "A change is lost.")

    mask, clear, add = names["mask_line"], names["clear_routes"], names["add_route"]
    verdicts = [explore(Scenario(Routes, set_routes, mask, clear, add)).verdict]
    verdicts += [explore(ending(Scenario(Routes, mask, add), nothing_lost)).verdict]
    return " ".join(verdicts)


def test_each_faulty_line_is_a_fault_and_no_other_is() -> None:
    assert set(REPAIRS) == ch10.FAULTY
    assert reviewed(sorted(ch10.FAULTY)) == "proven proven"
    assert reviewed([20, 24]) == "deadlock proven"
    assert reviewed([6, 24]) == "deadlock proven"
    assert reviewed([6, 20]) == "proven failed"
