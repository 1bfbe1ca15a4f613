"""The one use of real time: notice a task that blocks, or spins, where no runtime can see it.

A controlled run hands the thread to one task at a time. A task that calls ``time.sleep`` or takes a lock of its own
never hands it back. A timer signal looks now and then whether the run has moved on; if not, it ends the task's step.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType

TICK = 0.5
"""Seconds between two looks."""

PATIENCE = 4
"""Looks in a row without progress after which a step counts as stuck. Several short looks, not a long one: a machine
that stood still for a while makes one of them late, not all."""


def does_not_come_back(advice: str) -> str:
    """What is wrong with a task that was found so, to read after its name; `advice` says in what, if that is known."""
    return "does not come back. " + (advice or "It blocks outside kvmlab's primitives.")


class Watchdog:
    """While entered, calls `stuck(frame, again)` when `progress()` has not changed for `PATIENCE` looks.

    `frame` is what the main thread was doing; `again` is true when an earlier call did not help. `stuck` may raise,
    or switch away for good. Works on the main thread only, because signals do; elsewhere it watches nothing.
    """

    active: Watchdog | None = None

    def __init__(self, progress: Callable[[], object], stuck: Callable[[FrameType | None, bool], None]) -> None:
        self._progress = progress
        self._stuck = stuck
        self._seen: object = None
        self._quiet = 0
        self._mine = False

    def __enter__(self) -> Watchdog:
        on_main = threading.current_thread() is threading.main_thread()
        self._mine = on_main and Watchdog.active is None and hasattr(signal, "setitimer")
        if self._mine:
            Watchdog.active = self
            self._before = signal.signal(signal.SIGALRM, self._look)
            signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._mine:
            Watchdog.stop()

    @classmethod
    def stop(cls) -> None:
        """End whatever still watches: a reader who breaks what ``with`` itself needs also breaks the way out of it."""
        if cls.active is not None and threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, cls.active._before)
            cls.active = None

    def _look(self, number: int, frame: FrameType | None) -> None:
        now = self._progress()
        self._quiet = self._quiet + 1 if now == self._seen else 0
        self._seen = now
        if self._quiet >= PATIENCE:
            self._stuck(frame, self._quiet > PATIENCE)
