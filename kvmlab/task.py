"""A task of one run: what it asks for now, and how it ended. Both runtimes build on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from kvmlab.errors import Unwound
from kvmlab.location import NOWHERE, Location, innermost
from kvmlab.operation import Operation, Resource, Runtime
from kvmlab.world import Actor, Home, here

THREADS = 64
"""How many threads the tasks of one run may start, all together.

Where each does nothing but start another, none of them ever uses up its own operations.
"""


@dataclass(slots=True)
class Ended:
    """How a task ended by itself.

    Attributes:
        error: what it raised; None when it came to its end.
        stuck: why it had to be ended, to read after its name; empty when it did not have to.
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
        settled: how it will have ended, once that is certain, whatever it still catches on its way out.
    """

    __slots__ = ("args", "ended", "location", "operation", "resource", "settled")

    home: Home
    resource: Resource
    operation: Operation
    args: tuple[Any, ...]
    location: Location
    ended: Ended | None
    settled: Ended | None

    def __init__(self, name: str, runtime: Runtime, home: Home) -> None:
        super().__init__(name, runtime, home)
        self.ended = None
        self.settled = None

    def end_as(self, ended: Ended) -> NoReturn:
        """Settle how the task ends, and unwind it. Called by the task."""
        self.settled, self.unwinding = ended, True
        raise Unwound

    def end_intruded(self) -> NoReturn:
        """Unwind the task, because a thread that is no task has touched its run; see `Home.intrusion`."""
        self.end_as(self.ending(Ended(error=Unwound())))

    def ending(self, ended: Ended) -> Ended:
        """How the task has ended, where its function has ended like `ended`."""
        return self._intruded() or self.settled or ended

    def _intruded(self) -> Ended | None:
        intrusion = self.home.intrusion
        if intrusion is None:
            return None
        self.home.intrusion = None
        error, line = intrusion
        return Ended(error=error, location=None if line is NOWHERE else line)


def birth(started: int) -> Location:
    """Called as a task starts a thread, when its run has `started` so many: the line of its ``start()``.

    That line stands for the thread wherever it has none of its own.

    Raises:
        Unwound: it is one too many, and the task that starts it has failed.
    """
    starter = here.actor
    assert isinstance(starter, TaskRun)
    if started >= THREADS:
        why = (
            f"starts one thread too many ({starter.location}): the tasks of one run may start {THREADS}. Does a thread "
            "start another like itself, or a loop start them without end? Start a few; they show the same."
        )
        starter.end_as(Ended(stuck=why, location=starter.location))
    return starter.location


def raised_at(error: BaseException) -> Location | None:
    """The innermost line outside the engine at which `error` passed; see `innermost`."""
    passed, trace = [], error.__traceback__
    while trace is not None:
        passed.append((trace.tb_frame.f_code, trace.tb_lineno))
        trace = trace.tb_next
    return innermost(reversed(passed))
