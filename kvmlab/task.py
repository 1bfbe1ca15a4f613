"""A task of one run: what it asks for now, and how it ended. Both runtimes build on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kvmlab.location import Location, innermost
from kvmlab.operation import Operation, Resource
from kvmlab.world import Actor


@dataclass(slots=True)
class Ended:
    """How a task ended by itself.

    Attributes:
        error: what it raised; None when it came to its end.
        stuck: why the watchdog had to end it; empty when it did not.
        location: the innermost line of the reader's, when it raised or was stuck.
    """

    error: BaseException | None = None
    stuck: str = ""
    location: Location | None = None


class TaskRun(Actor):
    """One task in one run.

    Attributes:
        resource, operation, args, location: what it asks for, once it has asked.
        ended: how it ended; None while it has not.
    """

    __slots__ = ("args", "ended", "location", "operation", "resource")

    resource: Resource
    operation: Operation
    args: tuple[Any, ...]
    location: Location
    ended: Ended | None


def raised_at(error: BaseException) -> Location | None:
    """The innermost line outside the engine at which `error` passed; see `innermost`."""
    passed, trace = [], error.__traceback__
    while trace is not None:
        passed.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    return innermost(reversed(passed))
