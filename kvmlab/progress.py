"""Says that a long search is alive: after a second, on a terminal or in a notebook that somebody looks at.

Nothing is printed under a test, in a build or into a file: outputs must not depend on how fast a machine is.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from kvmlab.notebook import shell

DELAY = 1.0
"""Seconds before the first word, and between two."""


class Progress:
    """A line that is rewritten while a search runs and gone when it has ended."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._since = self._last = time.monotonic()
        self._show = _shower()
        self._shown = False

    def tick(self, count: int) -> None:
        """`count` of whatever is counted are done."""
        if self._show is None:
            return
        now = time.monotonic()
        if now - self._last >= DELAY:
            self._last = now
            self._shown = True
            self._show(f"{count:,} {self._what}, {now - self._since:.0f} s")

    def end(self) -> None:
        """Take the line away."""
        if self._shown and self._show is not None:
            self._show("")


def _shower() -> Any:
    """How to show a line here; None where nobody looks."""
    kernel = getattr(shell(), "kernel", None)
    if kernel is not None:
        return _in_notebook() if getattr(kernel, "_allow_stdin", False) else None
    return _on_terminal if sys.stderr.isatty() else None


def _on_terminal(text: str) -> None:
    sys.stderr.write(f"\r\x1b[K{text}")
    sys.stderr.flush()


def _in_notebook() -> Any:
    from IPython import display

    notebook: Any = display
    handle: list[Any] = []

    def show(text: str) -> None:
        line = notebook.HTML(f'<span role="status">{text}</span>')
        if handle:
            handle[0].update(line)
        else:
            handle.append(notebook.display(line, display_id=True))

    return show
