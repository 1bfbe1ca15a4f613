"""What a worker tells the process that started it: JSON objects, a line each, under a token that only the two know.

A line without the token was written by somebody else, a notebook that has found the pipe, and is passed over.
"""

from __future__ import annotations

import json

Event = dict[str, str]
"""``at`` says what the worker does next; ``task``, ``outcome`` and ``reason`` what came out of a task."""

START, CHECKS, END = "the start", "the checks", "the end"
"""Values of ``at`` beside the cells (``cell 3``) and the tasks (``09.walk``). No cell runs from `CHECKS` on."""

TOO_SMALL = "too little memory to start"
"""A value of ``at``: nothing follows."""

LONGEST = 1_000_000
"""How many bytes a line may have. What is longer is not ours."""


def line(token: str, event: Event) -> bytes:
    """`event` as a line, whatever somebody has written before it."""
    return f"\n{token} {json.dumps(event)}\n".encode()


def read(token: str, written: bytes) -> Event | None:
    """The event that the line `written` tells; None if the worker did not write it."""
    head, _, body = written.partition(b" ")
    if head != token.encode():
        return None
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return None
    fits = isinstance(event, dict) and all(isinstance(value, str) for value in event.values())
    return event if fits else None
