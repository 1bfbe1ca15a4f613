"""What a stuck task blocked in, and what to write instead."""

from __future__ import annotations

import linecache
import os
import queue
import re
import threading
from types import FrameType
from typing import Any

from kvmlab.location import is_engine

_TWINS = 'the standard library\'s own {}; write "from kvmlab import threading" and use the same name from there'

_BY_MODULE = {
    "threading.py": _TWINS.format("locks and threads"),
    "queue.py": 'a queue.Queue; keep the items in a list under a Condition of "from kvmlab import threading"',
    "socket.py": "a socket; a schedule cannot wait for the network, so hand the data over in a Shared",
    "selectors.py": "a selector; a schedule cannot wait for input or output, so wait for a Completion",
    "subprocess.py": "a subprocess; a schedule cannot wait for another program, so wait for a Completion",
}
"""By file of the standard library: what a task that is inside it blocks in."""

_BY_CALL = {
    "sleep": "time.sleep; nothing here depends on real time, so wait for a Completion or an Event",
    "input": "input(); a task that waits for a person has no schedule, so give it the data when it starts",
    "recv": _BY_MODULE["socket.py"],
    "accept": _BY_MODULE["socket.py"],
    "select": _BY_MODULE["selectors.py"],
}
"""By the function called on the line: what it blocks in."""

_LOCKS = tuple({type(threading.Lock()), type(threading.RLock()), threading.Condition, threading.Semaphore,
                threading.Event, threading.Barrier, threading.Thread})  # fmt: skip
FOREIGN = (*_LOCKS, queue.Queue, queue.SimpleQueue)
"""What waits without being one of ours."""


def foreign(path: str, kind: str) -> str:
    """What is wrong with an object of the standard library that `path` leads to, as a sentence or two."""
    queued = kind in ("Queue", "SimpleQueue", "LifoQueue", "PriorityQueue")
    instead = (
        'keep the items in a list under a Condition of "from kvmlab import threading"'
        if queued
        else 'write "from kvmlab import threading" and use the same name from there'
    )
    return f"{path} is the standard library's own {kind}, and nobody can see who waits in it: {instead}."


def advice(frame: FrameType | None) -> str:
    """What the code in `frame` most likely blocks in, with what to use instead.

    A loop without any operation, where nothing blocks, is the answer when nothing else is found.
    """
    inside = ""
    while frame is not None and is_engine(frame.f_code.co_filename):
        inside = _BY_MODULE.get(os.path.basename(frame.f_code.co_filename), inside)
        frame = frame.f_back
    if inside:
        return f"It blocks in {inside}."
    if frame is None:
        return ""
    line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
    for call, known in _BY_CALL.items():
        if re.search(rf"\b{call}\s*\(", line):
            return f"It blocks in {known}."
    for path in re.findall(r"[A-Za-z_][\w.]*", line):
        found = _resolve(path, frame)
        if found is not None:
            return f"It blocks in {_TWINS.format(type(found).__name__)}."
    return "It loops without an operation, or blocks outside kvmlab's primitives."


def _resolve(path: str, frame: FrameType) -> Any:
    """The standard library's lock that `path`, or a beginning of it, stands for in `frame`; None if it is none."""
    first, *rest = path.split(".")
    thing = frame.f_locals.get(first, frame.f_globals.get(first))
    for name in rest:
        if isinstance(thing, _LOCKS):
            break
        thing = getattr(thing, "__dict__", {}).get(name)
    return thing if isinstance(thing, _LOCKS) else None
