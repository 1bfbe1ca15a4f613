"""Grading a class of generated submissions (right, wrong, empty, broken), as `python -m kvmlab grade` does."""

from __future__ import annotations

import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat

from benchmarks.measure import Timing
from benchmarks.registry import Effort, Row, benchmark
from kvmlab.practice.grading.pool import here
from kvmlab.practice.grading.sandbox import Limits
from kvmlab.practice.grading.submissions import submissions
from kvmlab.practice.library import answers
from kvmlab.practice.task import tasks

BROKEN = ("1 / 0", "def", "while True: pass", "raise SystemExit", "print('x' * 10**6)")
"""Cells that some students leave in."""

JOBS = 2


def hand_in(folder: Path, students: int) -> None:
    """Write a notebook for each student: of some chapter, each task answered rightly, wrongly, or not at all."""
    chance = random.Random(2026)
    chapters = sorted({task.chapter for task in tasks()})
    for number in range(students):
        chapter = chapters[number % len(chapters)]
        cells = [chance.choice(BROKEN)] if chance.random() < 0.05 else []
        for task in tasks(chapter):
            known = answers(task.id)
            if chance.random() < 0.9:
                cells.append(chance.choice(known).source)
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        made.metadata["kvmlab"] = {"made_from": f"solutions/{chapter}_x.ipynb"}
        nbformat.write(made, folder / f"student{number:03}.ipynb")


@benchmark("grading")
def grade_a_class(effort: Effort) -> Iterator[Row]:
    """Two hundred notebooks, two at a time."""
    students = effort.pick(tiny=2, quick=20, full=200)
    with tempfile.TemporaryDirectory() as folder:
        hand_in(Path(folder), students)
        before, began = _children(), time.monotonic()
        results = list(here(list(submissions(Path(folder))), JOBS, Limits(seconds=10)))
        spent, took = _children() - before, time.monotonic() - began
    outcomes = Counter(row["outcome"] for _, rows in results for row in rows)
    assert len(results) == students
    yield Row(
        f"{students} notebooks, {JOBS} at a time",
        Timing((spent,)),
        size=f"{sum(outcomes.values())} tasks",
        verdict=", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())),
        note=f"{took / 60:.1f} minutes, {took / students:.1f} s a notebook",
    )


def _children() -> float:
    """CPU seconds of all processes that this one has started and waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
