"""The standard library's names for threads and locks, made of operations that can be explored.

``from kvmlab import threading`` gives the names of the standard library's `threading`, with the same arguments, results
and exceptions. In the world of a scenario every object is a resource, so a program that uses them can be explored as
it stands. Outside a scenario every object is the standard library's own, behind the same name. The module `threading`
itself is never changed: Jupyter's own threads live there.

The old names (``notifyAll``, ``isSet``, ``currentThread``, ``activeCount``, ``getName``, ``setDaemon``, …) are there,
too, without the standard library's `DeprecationWarning`: it is shown once in a process, so two schedules would differ.
"""

import threading as _real
from threading import TIMEOUT_MAX, BrokenBarrierError, ThreadError

from kvmlab.threading.barrier import Barrier
from kvmlab.threading.condition import Condition
from kvmlab.threading.event import Event
from kvmlab.threading.local import local
from kvmlab.threading.lock import Lock, RLock
from kvmlab.threading.semaphore import BoundedSemaphore, Semaphore
from kvmlab.threading.thread import (
    Thread,
    active_count,
    current_thread,
    enumerate,  # noqa: A004
    get_ident,
    get_native_id,
    main_thread,
)

__all__ = [
    "TIMEOUT_MAX",
    "Barrier",
    "BoundedSemaphore",
    "BrokenBarrierError",
    "Condition",
    "Event",
    "Lock",
    "RLock",
    "Semaphore",
    "Thread",
    "ThreadError",
    "active_count",
    "current_thread",
    "enumerate",
    "get_ident",
    "get_native_id",
    "local",
    "main_thread",
]

currentThread = current_thread  # noqa: N816
activeCount = active_count  # noqa: N816


def __getattr__(name: str) -> object:
    if name in _real.__all__:
        raise AttributeError(
            f"kvmlab.threading has no {name}: it cannot be explored. A Timer is a Thread that waits on an Event with a "
            "timeout; tracing and stack sizes belong to real threads, in the standard library's threading."
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
