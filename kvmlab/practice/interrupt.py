"""Tells an interrupt of the user's from a ``KeyboardInterrupt`` that the reader's code raises itself."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupt:
    """What was heard.

    Attributes:
        came: whether the user has interrupted.
    """

    came = False


@contextmanager
def listening() -> Iterator[Interrupt]:
    """Inside, an interrupt is noted, and then does what it did before.

    Signals reach the main thread only, so on another one nothing is ever noted.
    """
    heard = Interrupt()
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield heard
        return

    def note(number: int, frame: FrameType | None) -> None:
        heard.came = True
        before(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)
