"""A task of the exercises: what is asked, what is read of the reader's, how it is judged, and what to say."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kvmlab.errors import ScenarioError, shown
from kvmlab.practice.bench import Bench, Finding, Over
from kvmlab.practice.misconceptions import MISCONCEPTIONS, SPAN
from kvmlab.stepper import Stepper

KINDS = ("predict", "step", "find", "build", "fix", "order", "review")
"""predict what happens; step to a state by hand; find a thing by name; build a program; fix one; order given lines;
review a patch."""

CODE_KINDS = ("build", "fix")
"""The kinds whose answer is a program of the reader's: any correct one passes, however it is written."""

Judge = Callable[..., None]


@dataclass(frozen=True)
class Want:
    """A name that is read from the reader's namespace.

    Attributes:
        name: the name.
        sort: ``function``, ``class`` or ``answer`` (any value).
        takes: what a function is called with, as it may be written: ``("w",)``.
    """

    name: str
    sort: str = "answer"
    takes: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """The first line of what is to be written."""
        return f"class {self.name}:" if self.sort == "class" else f"def {self.name}({', '.join(self.takes)}):"


def function(name: str, *takes: str) -> Want:
    """The reader writes a function called `name`; without `takes` it takes the world, ``w``."""
    return Want(name, "function", takes or ("w",))


def class_(name: str) -> Want:
    """The reader writes a class called `name`."""
    return Want(name, "class")


def answer(name: str) -> Want:
    """The reader gives a value to the name `name`."""
    return Want(name)


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        id: chapter and name, ``"09.walk"``.
        title: what to call it.
        kind: one of `KINDS`.
        misconceptions: what it is about, ``("M11",)``.
        wants: what it reads of the reader's, in the order in which the judge takes it.
        judge: ``judge(bench, *what is wanted)``: tries the answer; finds nothing when it is right.
        why: why a right answer is right, a sentence or two.
        hints: three, each saying more than the one before.
        points: what it counts in a course.
    """

    id: str
    title: str
    kind: str
    misconceptions: tuple[str, ...]
    wants: tuple[Want, ...]
    judge: Judge
    why: str
    hints: tuple[str, str, str]
    points: int = 1

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ScenarioError(f"{self.id}: a task is of kind {', '.join(KINDS)}, not {self.kind!r}")
        if len(self.hints) != 3:
            raise ScenarioError(f"{self.id} needs three hints, each saying more than the one before")
        for tag in self.misconceptions:
            if tag not in MISCONCEPTIONS:
                raise ScenarioError(f"{self.id}: there is no misconception {tag!r}: use {SPAN}")
        if not self.wants:
            raise ScenarioError(f"{self.id} reads no name of the reader's; what is its answer?")

    @property
    def chapter(self) -> str:
        """``"09"``."""
        return self.id.split(".")[0]

    @property
    def name(self) -> str:
        """``"walk"``."""
        return self.id.split(".")[1]


def missing(want: Want, namespace: Mapping[str, Any]) -> str | None:
    """Why `want` cannot be read from `namespace` yet, as a sentence; None if it can."""
    if want.name not in namespace:
        return f"There is no `{want.name}` here. Run the cell that defines it; if it was deleted, write it again."
    value = namespace[want.name]
    if value is None or value is ... or (untouched(value) and miscounted(want, value) is None):
        return f"`{want.name}` is still to be written."
    return None


def unfit(want: Want, value: Any) -> str | None:
    """Why `value` is not the sort of thing that is wanted, as a sentence; None if it is."""
    fits = {"function": callable(value), "class": isinstance(value, type)}
    if not fits.get(want.sort, True):
        return f"`{want.name}` is {shown(value)[:60]}; it should be a {want.sort}: `{want.head}`."
    return miscounted(want, value)


def miscounted(want: Want, value: Any) -> str | None:
    """That the function `value` does not take what it will be called with, as a sentence; None if it does."""
    if want.sort != "function":
        return None
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return None  # it does not say
    try:
        signature.bind(*want.takes)
    except TypeError:
        empty = inspect.Parameter.empty
        bare = [one.replace(default=empty, annotation=empty) for one in signature.parameters.values()]
        count = ("one argument", "two arguments", "three arguments")[len(want.takes) - 1]
        return f"`{want.name}{inspect.Signature(bare)}` should take {count}: `{want.head}`."
    return None


def untouched(value: Any) -> bool:
    """Whether `value` is a function whose body is empty (``pass``, ``...``), or a stepper that has not been moved."""
    if isinstance(value, Stepper):
        return not value.schedule
    code = getattr(value, "__code__", None)
    if not inspect.isfunction(value) or code is None:
        return False
    return code.co_code in _EMPTY and not code.co_names and {*code.co_consts} <= {None, value.__doc__}


def _empty() -> None: ...


def _only_docstring() -> None:
    """As in a task that is still to be written."""
    ...  # noqa: PIE790


_EMPTY = (_empty.__code__.co_code, _only_docstring.__code__.co_code)


def tasks(chapter: str | None = None) -> tuple[Task, ...]:
    """All tasks, or those of a chapter (``"09"``), in their order."""
    import kvmlab.practice.tasks as home

    names = sorted(module.name for module in pkgutil.iter_modules(home.__path__) if module.name.startswith("ch"))
    wanted = [name for name in names if chapter is None or name == f"ch{chapter}"]
    return tuple(task for name in wanted for task in importlib.import_module(f"{home.__name__}.{name}").TASKS)


def task(task_id: str) -> Task:
    """The task called `task_id`.

    Raises:
        ScenarioError: there is none.
    """
    if not isinstance(task_id, str):
        raise ScenarioError(f'a task is named by a text such as "09.walk", not {shown(task_id)}')
    chapter = task_id.split(".")[0]
    for one in tasks(chapter):
        if one.id == task_id:
            return one
    known = [one.id for one in tasks(chapter)] or [one.id for one in tasks()]
    raise ScenarioError(f"no task is called {task_id!r}; there are {', '.join(known)}")


def judge(one: Task, namespace: Mapping[str, Any], bench: Bench) -> None:
    """Have `one` tried on what `namespace` holds; the bench keeps what is found."""
    bench.own_locks = any(want.sort == "class" for want in one.wants)
    try:
        for want in one.wants:
            problem = unfit(want, namespace[want.name])
            if problem:
                bench.findings.append(Finding("wrong", problem, ("wrong", "sort", want.name)))
                return
        one.judge(bench, *(namespace[want.name] for want in one.wants))
    except Over:
        pass
