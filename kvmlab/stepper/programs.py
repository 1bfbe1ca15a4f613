"""The tasks' programs as their author wrote them, and where a task stands in them."""

from __future__ import annotations

import ast
import functools
import inspect
import os
import textwrap
from collections.abc import Iterable
from types import CodeType
from typing import Any, NamedTuple

from kvmlab.graph import Place, StateGraph
from kvmlab.location import PACKAGE
from kvmlab.scenario import Scenario

Operations = list[tuple[str, str]]

JUDGES = (PACKAGE + os.path.join("practice", "tasks") + os.sep, "<end of the task>")
"""Where the exercises look at the world when a task has come to its end: no part of its program."""


class Block(NamedTuple):
    """Lines that belong together.

    Attributes:
        file: where they were written; empty for a list of operations.
        lines: as written, at the left margin and without the docstring.
        numbers: the number of each line in its file; none for a list of operations.
    """

    file: str
    lines: tuple[str, ...]
    numbers: tuple[int, ...]


class Programs:
    """The programs of a scenario's tasks.

    A task's program is the source of its function, then of every other function of the author's that it operates in.
    Where that cannot be read (typed at a prompt, a lambda, no function at all) it is the list of the task's operations.

    Attributes:
        blocks: all of them, each once.
        of_tasks: by task, the numbers of the blocks of its program.
    """

    def __init__(self, scenario: Scenario, graph: StateGraph) -> None:
        self.blocks: list[Block] = []
        self.of_tasks: list[list[int]] = []
        self._operations: list[Operations] = []
        for task, places in zip(scenario.tasks, graph.places, strict=True):
            operations = list(dict.fromkeys((place.operation, place.resource) for place in places if place.operation))
            self._operations.append(operations)
            self.of_tasks.append([self._number(block) for block in _sources(task, places) or [_listed(operations)]])

    def find(self, task: int, place: Place) -> tuple[int, int]:
        """Where `task` stands at `place`: the number of a block and of a line in it, from 0; (-1, -1) at its end."""
        for number in self.of_tasks[task] if place.operation else ():
            block = self.blocks[number]
            if not block.file:
                return number, self._operations[task].index((place.operation, place.resource))
            if place.location and _file(place) == block.file and place.location.line in block.numbers:
                return number, block.numbers.index(place.location.line)
        return -1, -1

    def _number(self, block: Block) -> int:
        if block not in self.blocks:
            self.blocks.append(block)
        return self.blocks.index(block)


def _sources(task: Any, places: Iterable[Place]) -> list[Block]:
    """What `task` is made of; empty when some of it cannot be read."""
    own = code_of(task)
    asked = (place.location._code for place in places if place.location)
    codes = [own, *(code for code in asked if not code.co_filename.startswith(JUDGES))]
    blocks: list[Block] = []
    for code in dict.fromkeys(codes):
        block = source(code) if code is not None and code.co_name != "<lambda>" else None
        if block is None:
            return []
        if not any(_covers(other, block) for other in blocks):
            blocks.append(block)
    return blocks


def code_of(task: Any) -> CodeType | None:
    """The code of the function that `task` is in the end: behind partials, decorators, methods and ``__call__``."""
    while isinstance(task, functools.partial):
        task = task.func
    task = inspect.unwrap(task)
    if not inspect.isroutine(task):
        task = getattr(type(task), "__call__", None)  # noqa: B004
    code = getattr(getattr(task, "__func__", task), "__code__", None)
    return code if isinstance(code, CodeType) else None


def source(code: CodeType) -> Block | None:
    """The source of the function with this `code`; None when there is none to read."""
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return None
    text = textwrap.dedent("".join(lines)).rstrip()
    left_out = _docstring(text)
    kept = [(first + at, line.rstrip()) for at, line in enumerate(text.split("\n")) if at not in left_out]
    return Block(code.co_filename, tuple(line for _, line in kept), tuple(number for number, _ in kept))


def _docstring(text: str) -> range:
    """The lines of the docstring of the function in `text`, from 0, unless it is all there is in it."""
    try:
        function = ast.parse(text).body[0]
    except (SyntaxError, IndexError):
        return range(0)
    if not isinstance(function, ast.FunctionDef) or ast.get_docstring(function) is None or len(function.body) < 2:
        return range(0)
    told = function.body[0]
    alone = told.lineno > function.lineno and function.body[1].lineno > (told.end_lineno or told.lineno)
    return range(told.lineno - 1, told.end_lineno or told.lineno) if alone else range(0)


def _listed(operations: Operations) -> Block:
    return Block("", tuple(f"{operation}({resource})" for operation, resource in operations), ())


def _covers(block: Block, other: Block) -> bool:
    return block.file == other.file and set(other.numbers) <= set(block.numbers)


def _file(place: Place) -> str:
    return place.location._code.co_filename if place.location else ""
