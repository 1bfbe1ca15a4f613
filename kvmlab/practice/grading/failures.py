"""The cells of a notebook that failed, and which of them says why a task has no answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kvmlab.errors import steady
from kvmlab.practice.result import Result
from kvmlab.practice.task import Task, Want, missing

LONGEST = 200
"""How many characters of an error's text are told."""


@dataclass(frozen=True)
class Failure:
    """A cell that did not come to its end.

    Attributes:
        cell: its number, from 1.
        what: what became of it, ``raised SyntaxError: expected ':'`` or ``did not end within 10 seconds``.
        source: its text.
        mark: what nbgrader calls it, ``walk-answer``; empty if nothing does.
    """

    cell: int
    what: str
    source: str
    mark: str = ""

    def __str__(self) -> str:
        return f"Cell {self.cell} {self.what}"


def raised(error: BaseException) -> str:
    """What became of a cell that ended with `error`: ``raised ZeroDivisionError: division by zero``."""
    if isinstance(error, MemoryError):
        return "ran out of memory"
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        text = " ".join(steady(text).split())
    except Exception:  # an error of the student's own, whose text cannot be had
        text = ""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return f"raised {type(error).__name__}: {text}".removesuffix(": ")


def explained(one: Task, result: Result, namespace: Mapping[str, Any], failures: Sequence[Failure]) -> tuple[str, str]:
    """The outcome of `one` and its reason. Where a failed cell was to answer it, that says so, and it was attempted."""
    wants = [want for want in one.wants if missing(want, namespace)] or one.wants
    failure = next((each for each in failures if _was_to_answer(each, one, wants)), None)
    if result.outcome != "not attempted" or failure is None:
        return result.outcome, result.reason
    gone = [f"no `{want.name}`" for want in wants if want.name not in namespace]
    if gone:
        return "not yet", f"{failure}, so there is {' and '.join(gone)}."
    return "not yet", f"{str(failure).rstrip('.')}. {result.reason}"


def _was_to_answer(failure: Failure, one: Task, wants: Sequence[Want]) -> bool:
    marked = failure.mark.replace("-", "_") == f"{one.name}_answer"
    return marked or any(gives(failure.source, want) for want in wants)


def gives(source: str, want: Want) -> bool:
    """Whether the cell `source` is about giving what is wanted.

    A function or class must be bound there. A value may also be changed in place (``order.append(3)``), so any use of
    its name counts. What Python cannot read, somebody was at work on: there the name is enough.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return bool(re.search(rf"(?<![\w.]){re.escape(want.name)}\b", source))
    return any(_names(node, want) for node in ast.walk(tree))


def _names(node: ast.AST, want: Want) -> bool:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name == want.name
        case ast.Name(id=name, ctx=context):
            return name == want.name and (want.sort == "answer" or isinstance(context, ast.Store))
        case ast.alias(name=name, asname=other):
            return (other or name) == want.name
    return False
