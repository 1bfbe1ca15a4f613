"""A program under study: a world and the tasks that share it."""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from kvmlab.errors import ScenarioError, Stuck, shown
from kvmlab.location import Location
from kvmlab.operation import DIRECT, Resource
from kvmlab.task import raised_at
from kvmlab.world import SETUP, Actor, Home, Key, here, same

TaskFunction = Callable[[Any], object]


class Scenario:
    """A world and its tasks: ordinary Python, never rewritten for the tool that looks at it.

    Args:
        world: makes a fresh world each time it is called, without arguments; usually a class. What it makes are the
            locks and the data that the tasks share.
        tasks: functions of the world, one argument each. The same function may be given twice.
        name: what to call the scenario; the world's name unless given.

    Attributes:
        tasks: the functions, in the order given.
        task_names: a name for each: the function's own; a number is added where two are the same.

    Raises:
        ScenarioError: the world or a task cannot be called that way.
    """

    def __init__(self, world: Callable[[], Any], *tasks: TaskFunction, name: str | None = None) -> None:
        if not callable(world):
            raise ScenarioError(
                f"the first argument of Scenario makes a fresh world when it is called, but {shown(world)} cannot be "
                "called. Give the class itself (World), not an instance of it (World())."
            )
        if not tasks:
            raise ScenarioError("a Scenario needs at least one task: Scenario(World, first_task, second_task)")
        for number, task in enumerate(tasks, 1):
            _check_task(number, task)
        self.world = world
        self.tasks: tuple[TaskFunction, ...] = tasks
        self.task_names = _distinct([_name_of(task, number) for number, task in enumerate(tasks, 1)])
        made_by = _name_of(world, 0) if isinstance(world, functools.partial) else type(world).__name__
        self.name: str = name or str(getattr(world, "__name__", made_by))
        self._names: dict[Key, str] | None = None
        self._lines: dict[Key, Location] = {}

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {', '.join(self.task_names)}>"

    def fresh(self) -> tuple[Any, Home]:
        """Make a new world. Return it with the home that knows its resources by key and name.

        Raises:
            ScenarioError: the world's constructor raised; the cause is attached.
        """
        home = Home(self._lines)
        before, here.actor = here.actor, Actor(SETUP, DIRECT, home)
        try:
            world = self.world()
        except Stuck as error:
            raise ScenarioError(
                f"{self.name}() does not come back, at {raised_at(error)}. A world is made again for every run: make "
                "locks and data there, and nothing that waits."
            ) from None
        except Exception as error:
            raise ScenarioError(f"{self.name}() raised {type(error).__name__}: {error}") from error
        finally:
            here.actor = before
        if type(world) is SimpleNamespace:
            world = Namespace(**vars(world))
        if self._names is None:
            home.name_from(world)
            self._names = home.names
        home.names = self._names
        return world, home

    def number_of(self, task: str) -> int:
        """The position of the task called `task`, from 0.

        Raises:
            ScenarioError: there is none.
        """
        if task not in self.task_names:
            raise ScenarioError(f"no task is called {task!r}; the tasks are {', '.join(self.task_names)}")
        return self.task_names.index(task)


class Namespace(SimpleNamespace):
    """A world that was made as a `SimpleNamespace`: of a class of its own, so that its attributes can be watched."""

    __module__ = "__main__"  # the reader's, as what it stands for


class SameWorld:
    """Sees that a scenario makes the same world each time."""

    def __init__(self, scenario: Scenario) -> None:
        self._name = scenario.name
        self._first: list[tuple[Key, Any]] | None = None

    def check(self, home: Home) -> None:
        """Compare a fresh world with the first one.

        Raises:
            ScenarioError: its locks, or the values that they begin with, differ.
        """
        values = [(resource.key, value) for resource, value in initial_values(home)]
        if self._first is None:
            self._first = values
        elif not same(values, self._first):
            raise ScenarioError(
                f"{self._name}() does not make the same world each time: its locks or their first values differ. "
                "Data that outlive a run (a global counter, a random number) must not decide what it makes."
            )


def initial_values(home: Home) -> list[tuple[Resource, Any]]:
    """The resources of a fresh world with their values, in the order in which they were made."""
    return [(member, member.value) for member in home.members.values() if isinstance(member, Resource)]


def _check_task(number: int, task: Any) -> None:
    if not callable(task):
        raise ScenarioError(f"task {number} of the Scenario is {shown(task)}; a task is a function of the world")
    if any(
        check(task) for check in (inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction)
    ):
        raise ScenarioError(
            f"task {number}, {_name_of(task, number)}, is a generator or coroutine; calling it would run nothing. "
            "Write a plain function without yield or async."
        )
    try:
        inspect.signature(task).bind(object())
    except TypeError:
        raise ScenarioError(
            f"task {number}, {_name_of(task, number)}, does not take exactly one argument; a task is a function of the "
            "world: def task(w): …. For more arguments use functools.partial(task, number=1)."
        ) from None
    except ValueError:  # a builtin without a signature: its call will tell
        pass


def _name_of(task: Any, number: int) -> str:
    if isinstance(task, functools.partial):
        arguments = [_argument(value) for value in task.args]
        arguments += [f"{name}={_argument(value)}" for name, value in task.keywords.items()]
        return f"{_name_of(task.func, number)}({', '.join(arguments)})"
    name = getattr(task, "__name__", type(task).__name__)
    return f"task {number}" if name == "<lambda>" else str(name)


def _argument(value: object) -> str:
    """A class or a function by its name, anything else as code."""
    return value.__name__ if inspect.isclass(value) or inspect.isfunction(value) else shown(value)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    total, seen = Counter(names), Counter[str]()
    distinct = []
    for name in names:
        seen[name] += 1
        distinct.append(f"{name} {seen[name]}" if total[name] > 1 else name)
    if len(set(distinct)) < len(distinct):
        return _distinct(distinct)
    return tuple(distinct)
