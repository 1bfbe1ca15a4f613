"""Have workers try a notebook's answers, and make a row of each task."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from kvmlab.practice.grading.events import CHECKS, START, Event
from kvmlab.practice.grading.process import Limits, Workers, events
from kvmlab.practice.task import tasks

__all__ = ["Limits", "Workers", "grade"]


def grade(content: bytes, chapter: str, limits: Limits, workers: Workers | None = None) -> list[dict[str, Any]]:
    """Grade one notebook. A check that ruins its worker costs only its own task: another worker goes on with the next.

    Args:
        content: the file.
        chapter: whose tasks are tried, ``"09"``.
        limits: what it may use.
        workers: who starts the workers, and can end them while this runs; nobody does unless given.

    Returns:
        A row for each task, in the book's order: ``task``, ``outcome`` (``correct``, ``not yet``, ``not attempted``,
        ``not graded``), ``reason``.

    Raises:
        Ended: the workers were ended.
    """
    workers = workers or Workers()
    rows: dict[str, dict[str, Any]] = {}
    wanted = [task.id for task in tasks(chapter)]
    while left := [one for one in wanted if one not in rows]:
        told, at, end = _attempt(content, left, limits, workers)
        rows |= told
        if at in left and at not in told:
            rows[at] = _not_graded(at, end)
        elif not told:
            rows |= {one: _not_graded(one, end) for one in left}
    return [rows[one] for one in wanted]


def _not_graded(task_id: str, end: str) -> dict[str, Any]:
    return {"task": task_id, "outcome": "not graded", "reason": end[0].upper() + end[1:]}


def _attempt(content: bytes, left: list[str], limits: Limits, workers: Workers) -> tuple[dict[str, Event], str, str]:
    """Have a worker try the tasks in `left`: what it told of each, how far it came, and how it ended."""
    told: dict[str, Event] = {}
    at, end, ready = START, "The process ended before this task was tried.", False
    with tempfile.TemporaryDirectory(prefix="kvmlab-grade-") as folder:
        path = Path(folder) / "submission.ipynb"
        path.write_bytes(content)
        for event in events(path, left, limits, workers):
            at, end = event.get("at", at), event.get("end", end)
            ready = ready or at == CHECKS
            if ready and event.get("task") == at and at in left:
                told[at] = event
    return told, at, end
