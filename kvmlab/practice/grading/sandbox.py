"""Run a worker on one notebook, bound what it may use, and make a row of each task."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvmlab.practice.task import tasks

GRACE = 5.0
"""Seconds between asking a cell to stop and ending the process."""

OURS = 60.0
"""Seconds that what is ours may take at least: the start, and a check, which has budgets of its own."""


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Attributes:
        seconds: of real time for each cell.
        memory: in megabytes, of address space; 0 sets no limit.
    """

    seconds: float = 60
    memory: int = 4096


def grade(content: bytes, chapter: str, limits: Limits) -> list[dict[str, Any]]:
    """Grade one notebook.

    Args:
        content: the file.
        chapter: whose tasks are tried, ``"09"``.
        limits: what it may use.

    Returns:
        A row for each task, in the book's order: ``task``, ``outcome`` (``correct``, ``not yet``, ``not attempted``,
        ``not graded``), ``reason``.
    """
    said: dict[str, dict[str, Any]] = {}
    end = "The process ended before this task was tried."
    with tempfile.TemporaryDirectory(prefix="kvmlab-grade-") as folder:
        path = Path(folder) / "submission.ipynb"
        path.write_bytes(content)
        for event in _events(path, chapter, limits):
            if "task" in event:
                said[event["task"]] = event
            elif "late" in event:
                end = f"{event['late']} did not end within {limits.seconds:g} seconds and could not be stopped."
            elif "lost" in event:
                end = f"The process ended in {event['lost']}{event['how']}."
    return [
        said.get(task.id, {"task": task.id, "outcome": "not graded", "reason": end[0].upper() + end[1:]})
        for task in tasks(chapter)
    ]


def _events(path: Path, chapter: str, limits: Limits) -> Iterator[dict[str, Any]]:
    """What a worker tells, and at the end ``late`` or ``lost`` if it did not come to its own end."""
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "kvmlab.practice.grading.worker", str(path), chapter, str(writing)]
    process = subprocess.Popen(
        [*command, str(limits.memory * 1_000_000)],
        cwd=path.parent,
        env={
            **os.environ,
            "KVMLAB_PROGRESS": "off",
            "IPYTHONDIR": str(path.parent / ".ipython"),
            "PYTHONUNBUFFERED": "",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[writing],
        start_new_session=True,
    )
    os.close(writing)
    at, done = "the start", False
    try:
        for event in _lines(reading, process, limits.seconds):
            if "late" in event:
                yield {"late": at}
                return
            at = event.get("at", at)
            done = done or "done" in event
            yield event
        if not done:
            code = process.wait()
            yield {"lost": at, "how": f", ended by signal {-code}" if code < 0 else ""}
    finally:
        os.close(reading)
        _end(process)


def _lines(reading: int, process: subprocess.Popen[bytes], seconds: float) -> Iterator[dict[str, Any]]:
    """The objects that come out of `reading`. Silence for `seconds` interrupts the process; more of it ends this."""
    waiting = selectors.DefaultSelector()
    waiting.register(reading, selectors.EVENT_READ)
    rest, asked, patience = b"", False, max(seconds, OURS)
    heard = time.monotonic()
    while True:
        if not waiting.select(max(0.0, heard + patience + GRACE * asked - time.monotonic())):
            if asked:
                yield {"late": True}
                return
            process.send_signal(signal.SIGINT)
            asked = True
            continue
        data = os.read(reading, 65536)
        if not data:
            return
        heard, asked = time.monotonic(), False
        *lines, rest = (rest + data).split(b"\n")
        for event in map(json.loads, lines):
            patience = seconds if str(event.get("at", "")).startswith("cell") else max(seconds, OURS)
            yield event


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
