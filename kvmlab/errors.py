"""What can go wrong, as exceptions that a reader can act on."""

from __future__ import annotations

import re
from reprlib import recursive_repr
from types import TracebackType
from typing import Any

from kvmlab.location import is_engine
from kvmlab.notebook import shell


def steady(text: str) -> str:
    """`text` without memory addresses, so that it is the same in every run."""
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", text)


@recursive_repr("...")
def shown(value: object) -> str:
    """`value` as code, `steady`; the members of a set stand by their text, also inside lists, tuples and dicts."""
    if type(value) is dict:
        return f"{{{', '.join(f'{shown(key)}: {shown(part)}' for key, part in value.items())}}}"
    if type(value) is list:
        return f"[{', '.join(map(shown, value))}]"
    if type(value) is tuple:
        return f"({', '.join(map(shown, value))}{',' * (len(value) == 1)})"
    if type(value) is frozenset and value:
        return f"frozenset({shown(set(value))})"
    if type(value) is set and value:
        return f"{{{', '.join(sorted(map(shown, value)))}}}"
    return steady(repr(value))


class ReaderError(Exception):
    """An error that is about the reader's lines: a notebook shows those, and none of the engine's."""

    def _render_traceback_(self) -> list[str]:
        """The traceback in a notebook, as IPython asks for it: one text a line or a group of lines.

        Raises:
            RuntimeError: there is no notebook.
        """
        notebook = shell()
        if notebook is None:
            raise RuntimeError("there is no notebook to show a traceback in")
        cause = self.__cause__
        if cause is not None:
            cause.__traceback__ = theirs(cause.__traceback__)
        style: Any = notebook.InteractiveTB
        lines = style.structured_traceback(type(self), self, theirs(self.__traceback__) or self.__traceback__)
        return [str(line) for line in lines]


def theirs(trace: TracebackType | None) -> TracebackType | None:
    """`trace` without the engine's frames and those of installed packages; None if nothing is left."""
    frames = []
    while trace is not None:
        if not is_engine(trace.tb_frame.f_code.co_filename):
            frames.append(trace)
        trace = trace.tb_next
    kept: TracebackType | None = None
    for one in reversed(frames):
        kept = TracebackType(kept, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return kept


class ScenarioError(ReaderError):
    """A call to kvmlab that cannot work: says what was wrong, with the value, and what to write instead."""


class LockError(ReaderError):
    """A task broke the contract of a primitive: wrong owner, wrong index, lock held at the end.

    Attributes:
        lock: the name of the lock; None when it is about none.
    """

    def __init__(self, text: str = "", lock: str | None = None) -> None:
        super().__init__(text)
        self.lock = lock


class SleepInAtomic(LockError):
    """A task asked for an operation that may sleep while it holds a spinlock."""


class UseAfterFree(LockError):
    """A task used a lock or an object after it was destroyed."""


class RefcountError(LockError):
    """A reference count was raised from zero or dropped below it."""


class ForeignObject(LockError):
    """A task touched a lock that was not made in its own world."""


class WouldBlock(LockError):
    """Outside a scenario an operation would wait for ever: there is nobody else who could end the wait."""


class NeedsTraces(ScenarioError):
    """The search by states cannot take this world; the search by traces can."""


class Unwound(BaseException):
    """Ends a task that can no longer move, or that is no longer wanted.

    It is a `BaseException` so that a reader's ``except Exception`` does not swallow it. Locks are not released
    while it passes: the others must not move because of it.
    """


class Stuck(Unwound):
    """Ends a step that blocked or span where no runtime can see it."""
