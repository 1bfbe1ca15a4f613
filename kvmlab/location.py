"""Which line of the reader's asked: one place to find it, one way to print it.

Frames of the engine are skipped. The same text comes out for a notebook cell on every machine: its file has a random
name, so it prints as ``cell``.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FrameType

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep
SIMULATED = (
    PACKAGE + "kvm" + os.sep,
    PACKAGE + os.path.join("practice", "tasks") + os.sep,
    PACKAGE + os.path.join("practice", "worlds.py"),
)
"""Programs under study that we wrote: the simulated KVM, and the worlds and other tasks of the exercises."""

LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
INSTALLED = f"{os.sep}site-packages{os.sep}"
_ENGINE: dict[str, bool] = {}

_INLINED = {"<listcomp>", "<setcomp>", "<dictcomp>", "<locals>"}
"""What Python 3.11 calls the code of comprehensions; later versions count it to the function around it."""


class Location:
    """A line of code: where an operation was asked for.

    Attributes:
        function: the function that the line belongs to.
        line: its number, from 1.
        via: functions of the simulated KVM between the line and the operation, outermost first.
    """

    __slots__ = ("_code", "_filename", "function", "line", "via")

    def __init__(self, code: CodeType, line: int, via: tuple[str, ...] = ()) -> None:
        self._code = code
        self._filename = code.co_filename
        self.function = code.co_name
        if self.function in _INLINED:
            around = [name for name in code.co_qualname.split(".") if name not in _INLINED]
            self.function = around[-1] if around else "<module>"
        self.line = line
        self.via = via

    @property
    def file(self) -> str:
        """The file's own name, or ``cell`` for code typed in a notebook."""
        name = os.path.basename(self._filename)
        typed = "ipykernel_" in self._filename or name.startswith("<") or not name.endswith(".py")
        return "cell" if typed else name

    @property
    def text(self) -> str:
        """The line as written, without indentation; empty when the source is gone."""
        return linecache.getline(self._filename, self.line).strip()

    def __str__(self) -> str:
        if not self.line:
            return "no line of the program"
        text = self.text
        where = f"{self.function}, {self.file} line {self.line}"
        return f"{where}: {text}" if text else where

    def __repr__(self) -> str:
        return f"<{self.function}, {self.file} line {self.line}>" if self.line else "<NOWHERE>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, int, tuple[str, ...]]:
        return (self._filename, self.function, self.line, self.via)


NOWHERE = Location(compile("", "<engine>", "exec"), 0)
"""No line of the reader's: a primitive's own method was given as a task, and asks."""


def is_engine(filename: str) -> bool:
    """Whether `filename` is nobody's program: kvmlab's machinery, the standard library, or an installed package.

    What is `SIMULATED` is a program under study.
    """
    known = _ENGINE.get(filename)
    if known is None:
        path = os.path.abspath(filename)
        machinery = path.startswith((PACKAGE, LIBRARY)) or INSTALLED in path or filename.startswith("<frozen ")
        known = _ENGINE[filename] = machinery and not path.startswith(SIMULATED)
    return known


def innermost(frames: Iterable[tuple[CodeType, int]]) -> Location | None:
    """The innermost line outside the engine; None if there is none.

    `frames` are codes with the line each is at, innermost first. A line of the simulated KVM is given as ``via`` of the
    reader's line that called it; where the task is itself one of the simulated KVM's, of that task's own line.
    """
    via: list[tuple[CodeType, int]] = []
    for code, line in frames:
        if not code.co_filename.startswith(SIMULATED):
            if not is_engine(code.co_filename):
                return Location(code, line, _between(via))
            if via:
                break
        else:
            via.append((code, line))
    if not via:
        return None
    code, line = via.pop()
    return Location(code, line, _between(via))


def _between(frames: list[tuple[CodeType, int]]) -> tuple[str, ...]:
    """The functions of `frames`, outermost first."""
    return tuple(code.co_name for code, _ in reversed(frames) if code.co_name not in _INLINED)


def caller(frame: FrameType | None = None, otherwise: Location | None = None) -> Location:
    """The innermost line outside the engine, seen from `frame` or from whoever called; see `innermost`.

    Where all is engine it is `otherwise`, and without that `NOWHERE`.
    """
    inner = frame = frame or sys._getframe(1)
    code = frame.f_code
    while True:
        engine = _ENGINE.get(code.co_filename)
        if not (is_engine(code.co_filename) if engine is None else engine):
            break
        if frame.f_back is None:
            return otherwise or NOWHERE
        frame = frame.f_back
        code = frame.f_code
    known = _KNOWN.get((id(code), frame.f_lasti))
    if known is None:
        if code.co_filename.startswith(SIMULATED):
            return innermost(_outward(inner)) or Location(code, frame.f_lineno)
        known = _KNOWN[id(code), frame.f_lasti] = Location(code, frame.f_lineno)
    return known


_KNOWN: dict[tuple[int, int], Location] = {}
"""Lines found before, by code and place in it. A location keeps its code alive, so that the id stays its own."""


def _outward(frame: FrameType | None) -> Iterator[tuple[CodeType, int]]:
    while frame is not None:
        yield frame.f_code, frame.f_lineno
        frame = frame.f_back
