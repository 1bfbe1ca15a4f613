"""What must hold when every task has come to its end, checked by the last one out.

The check is part of the program, so both searches see it: each task ends in one operation more, and the task whom it
tells that nobody is left looks at the world.
"""

from __future__ import annotations

import functools
import linecache
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kvmlab.errors import ScenarioError
from kvmlab.operation import Operation, Resource, Task, perform
from kvmlab.scenario import Scenario

Ends = Callable[[Any], None]


class Unmet(AssertionError):
    """Something that had to be done has not been done.

    Args:
        code: a word for it, by which wrong answers are told apart.
        sentence: what it is, for the learner.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def one_less(left: int, task: Task) -> tuple[int, bool]:
    """One task less; the result says whether it was the last."""
    return left - 1, left == 1


END = Operation("end", one_less, effect_text="always: one task less, result whether it was the last")


class Running(Resource):
    """How many tasks have not ended."""

    operations = (END,)
    name = "tasks"

    def __init__(self, tasks: int) -> None:
        super().__init__(tasks)

    def end(self) -> bool:
        """Say that the caller has ended; return whether it was the last."""
        return bool(perform(self, END))


def ending(scenario: Scenario, ends: Ends) -> Scenario:
    """`scenario`, and at its end the last task calls ``ends(world)``, which raises `Unmet` if something is not so."""

    def world() -> Any:
        made = scenario.world()
        try:
            made.kvmlab_running = Running(len(scenario.tasks))
        except AttributeError:
            raise ScenarioError(
                f"the world {scenario.name} makes a {type(made).__name__}; make it a class of your own: class World:"
            ) from None
        return made

    world.__name__ = scenario.name
    return Scenario(world, *(_ending(task, ends) for task in scenario.tasks), name=scenario.name)


def _ending(task: Callable[[Any], object], ends: Ends) -> Callable[[Any], object]:
    def body(w: Any) -> None:
        task(w)
        if is_last(w):
            ends(w)

    inner: Any = task
    while isinstance(inner, functools.partial):
        inner = inner.func
    shows: Any = body
    shows.__name__ = Scenario(object, task).task_names[0]
    shows.__module__ = None  # a reader's, so that the search looks through it at what the task can reach
    with suppress(ScenarioError):  # it needs more arguments than the world
        Scenario(object, inner)
        shows.__wrapped__ = inner  # whose source a stepper shows
    return body


_FILE = "<end of the task>"
_SOURCE = "def is_last(w):\n    return w.kvmlab_running.end()  # was it the last one?\n"
linecache.cache[_FILE] = (len(_SOURCE), None, _SOURCE.splitlines(keepends=True), _FILE)
_NAMES: dict[str, Any] = {}
exec(compile(_SOURCE, _FILE, "exec"), _NAMES)
is_last: Callable[[Any], bool] = _NAMES["is_last"]
"""Says that a task has ended, and whether it was the last; in a file of its own, so that it has a line to show."""
