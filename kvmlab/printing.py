"""What tasks print: muted while a search repeats them, kept for the one run that is shown."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kvmlab.world import here

MOST = 100_000
"""How many characters are kept of what tasks print."""


class _Tap(io.TextIOBase):
    """Stands in for ``sys.stdout``: what a task prints goes to `sink`, everything else where it always went."""

    def __init__(self, sink: io.StringIO) -> None:
        self._sink = sink
        self._real = sys.stdout

    def write(self, text: str) -> int:
        if not here.actor:
            return self._real.write(text)
        room = MOST - self._sink.tell()
        if room > 0:
            self._sink.write(text[:room])
        return len(text)

    def flush(self) -> None:
        self._real.flush()


@contextmanager
def captured() -> Iterator[io.StringIO]:
    """Collect what tasks print inside the block. Whoever is no task, Jupyter's own threads among them, prints on."""
    sink, real = io.StringIO(), sys.stdout
    sys.stdout = _Tap(sink)
    try:
        yield sink
    finally:
        sys.stdout = real
