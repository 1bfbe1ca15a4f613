"""A worker's process: start it on a notebook, listen to it, and end it in time."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvmlab.practice.grading.events import END, LONGEST, START, TOO_SMALL, Event, read

GRACE = 5.0
"""Seconds between asking a cell to stop and ending the process."""

OURS = 60.0
"""Seconds that what is ours may take at least: the start, and a check, which has budgets of its own."""


class Late(Exception):
    """A worker was asked to stop what it does, and did not."""


@dataclass(frozen=True)
class Limits:
    """What one notebook may use.

    Attributes:
        seconds: of real time for each cell.
        memory: in megabytes, of address space; 0 sets no limit.
    """

    seconds: float = 60
    memory: int = 4096


class Ended(Exception):
    """No worker is started any more: all were ended."""


class Workers:
    """The workers that run in this process's name; from any of its threads they can be ended, all at once."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[bytes]] = []
        self._over = False
        self._lock = threading.Lock()

    def start(self, path: Path, writing: int) -> subprocess.Popen[bytes]:
        """Start a worker on the notebook at `path`; it alone has the `writing` end of a pipe from then on.

        Raises:
            Ended: the others were ended.
        """
        try:
            with self._lock:
                if self._over:
                    raise Ended
                process = subprocess.Popen(
                    [sys.executable, "-m", "kvmlab.practice.grading.worker", str(path)],
                    cwd=path.parent,
                    env={
                        **os.environ,
                        "KVMLAB_PROGRESS": "off",
                        "IPYTHONDIR": str(path.parent / ".ipython"),
                        "PYTHONUNBUFFERED": "",
                    },
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[writing],
                    start_new_session=True,
                )
                self._running = [*(one for one in self._running if one.returncode is None), process]
                return process
        finally:
            os.close(writing)

    def end(self) -> None:
        """End those that run, and start no more."""
        with self._lock:
            self._over = True
            for process in self._running:
                if process.poll() is None:
                    _end(process)


def events(path: Path, left: list[str], limits: Limits, workers: Workers) -> Iterator[Event]:
    """What a worker tells, and then, if it did not come to its own end, ``end``: a sentence.

    Raises:
        Ended: no worker is started any more.
    """
    with contextlib.ExitStack() as afterwards:
        reading, writing = os.pipe()
        afterwards.callback(os.close, reading)
        token = secrets.token_hex()
        order = {
            "tasks": left,
            "pipe": writing,
            "token": token,
            "memory": limits.memory * 1_000_000,
            "cell_seconds": limits.seconds,
            "check_seconds": patience(left[0], limits.seconds),
        }
        process = workers.start(path, writing)
        afterwards.callback(_end, process)
        at = START
        try:
            _hand_over(process, order)
            for event in told(reading, token, process, limits.seconds):
                at = event.get("at", at)
                yield event
            if at == TOO_SMALL:
                yield {"end": f"{limits.memory} megabytes are too little memory to start: give more with --memory."}
            elif at != END:
                yield {"end": _lost(process, at)}
        except Late:
            within = patience(at, limits.seconds)
            yield {"end": f"{at} did not end within {within:g} seconds and could not be stopped."}


def _hand_over(process: subprocess.Popen[bytes], order: dict[str, Any]) -> None:
    """Give the worker its order; if it has ended, what comes out of its pipe says so."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(json.dumps(order).encode())


def patience(at: str, seconds: float) -> float:
    """How many seconds of silence are borne from a worker that is at `at`, where a cell has `seconds`."""
    return seconds if at.startswith("cell") else max(seconds, OURS)


def told(reading: int, token: str, process: subprocess.Popen[bytes], seconds: float) -> Iterator[Event]:
    """The events that come out of `reading`. Silence interrupts the process.

    Raises:
        Late: that did not help.
    """
    waiting = selectors.DefaultSelector()
    waiting.register(reading, selectors.EVENT_READ)
    rest, at, asked, heard = b"", START, False, time.monotonic()
    while True:
        spare = heard + patience(at, seconds) + GRACE * asked - time.monotonic()
        if waiting.select(max(0.0, spare)):
            data = os.read(reading, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            rest = rest if len(rest) <= LONGEST else b""
            events = [event for each in lines if (event := read(token, each))]
            for event in events:
                at = event.get("at", at)
                yield event
            if events:
                asked, heard = False, time.monotonic()
            if events or spare > 0:
                continue
        if asked:
            raise Late
        process.send_signal(signal.SIGINT)
        asked = True


def _lost(process: subprocess.Popen[bytes], at: str) -> str:
    """How a process ended that told nothing more while it was at `at`."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    if process.returncode is None:
        return f"The process closed its pipe in {at}."
    how = f", ended by signal {-process.returncode}" if process.returncode < 0 else ""
    return f"The process ended in {at}{how}."


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
