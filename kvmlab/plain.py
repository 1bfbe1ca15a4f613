"""Plain data: what tasks can reach that is not a resource, and whether they have written it.

The search by states knows a task by its operations and their results. That is sound only if everything that tasks
share and change is a resource. So each run of a task is held against a snapshot of all the plain data that it can
reach: the world's attributes and containers, and the globals and closures that the tasks' code names.
"""

from __future__ import annotations

import dis
import enum
import functools
import re
import sys
import types
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kvmlab.contents import DATA, differ
from kvmlab.errors import ScenarioError, shown
from kvmlab.instead import FOREIGN, foreign
from kvmlab.operation import Resource
from kvmlab.scenario import Scenario
from kvmlab.world import Enrolled, Home, attributes, parts

_ATOMS = (
    type(None), bool, int, float, complex, str, bytes, range, enum.Enum,
    types.ModuleType, types.BuiltinFunctionType, types.MethodDescriptorType,
)  # fmt: skip

_CONTAINERS = (list, tuple, deque, dict, set, bytearray)

_TRANSPARENT = (object, *_CONTAINERS, defaultdict, OrderedDict, types.SimpleNamespace)
"""Classes written in C all of whose state can be looked at."""

_GLOBAL = re.compile("GLOBAL|(?:LOAD|STORE|DELETE)_NAME")
"""The instructions that name a global."""


class Plain:
    """A snapshot of the plain data around one fresh world.

    Attributes:
        opaque: the path and type of something that cannot be looked into, such as an iterator; None if there is none.
        foreign: the path and type of a lock, thread or queue of the standard library that the reader's code holds; None
            if there is none.
    """

    def __init__(self, world: object, tasks: Sequence[Callable[..., object]]) -> None:
        self.opaque: str | None = None
        self.foreign: tuple[str, str] | None = None
        self._snapshots: list[tuple[str, Callable[[], Any], Any, bool]] = []
        self._seen: dict[int, object] = {}
        self._inner: set[int] = set()
        self._code: list[types.FunctionType] = []
        self._queue: deque[tuple[str, object]] = deque([("w", world)])
        self._queue.extend((getattr(task, "__name__", "task"), task) for task in tasks)
        while self._queue:
            self._visit(*self._queue.popleft())

    def written(self) -> str | None:
        """The path of the first thing that has changed since the snapshot; None if nothing has."""
        return next((path for path, _ in self._changes()), None)

    def outside(self) -> list[str]:
        """The paths of what has changed since the snapshot where `races` does not look.

        That is what is no part of the world, so that it outlives the run, and what the reader keeps in a set or in an
        attribute of a resource.
        """
        return [path for path, unwatched in self._changes() if unwatched or not re.match(r"w\b", path)]

    def _changes(self) -> Iterator[tuple[str, bool]]:
        """What has changed, and whether it is in an attribute of a resource."""
        for path, look, before, unwatched in self._snapshots:
            now = look()
            if isinstance(now, dict):
                changed = [
                    name
                    for name in {**before, **now}
                    if name not in now or name not in before or differ(before[name], now[name])
                ]
                names = (f"{path}{shown(name)}]" if path.endswith("[") else f"{path}{name}" for name in changed)
                yield from ((name, unwatched) for name in names)
            elif _changed(before, now):
                yield path, unwatched

    def _visit(self, path: str, thing: Any) -> None:
        if id(thing) in self._seen or isinstance(thing, (*_ATOMS, Home)):
            return
        self._seen[id(thing)] = thing
        if isinstance(thing, FOREIGN) and id(thing) not in self._inner and self.foreign is None:
            self.foreign = (path, type(thing).__name__)
        if isinstance(thing, types.FunctionType):
            self._visit_function(thing)
        elif isinstance(thing, types.MethodType):
            self._queue.extend([(path, thing.__func__), (path, thing.__self__)])
        elif isinstance(thing, type):
            self._visit_class(thing)
        elif isinstance(thing, functools.partial):
            self._queue.extend((path, part) for part in (thing.func, thing.args, thing.keywords))
        elif isinstance(thing, frozenset):
            self._queue.extend((f"a member of {path}", part) for part in thing)
        elif isinstance(thing, types.CellType):
            self._watch(path, lambda: [thing.cell_contents])
            self._queue.append((path, thing.cell_contents))
        elif isinstance(thing, _CONTAINERS):
            self._visit_container(path, thing)
            if type(thing).__module__ != "builtins":
                self._visit_instance(path, thing)
        elif hasattr(thing, "__dict__") or hasattr(type(thing), "__slots__"):
            self._visit_instance(path, thing)
        else:
            self._cannot_see(path, thing)

    def _visit_container(self, path: str, thing: Any) -> None:
        if id(thing) in self._inner:
            self._inner.update(id(part) for _, part in parts(path, thing))
        if isinstance(thing, dict):
            self._watch(f"{path}[", lambda: dict(thing))
            self._queue.extend((f"a key of {path}", key) for key in thing)
            self._queue.extend(parts(path, thing))
        elif isinstance(thing, set):
            self._watch(path, lambda: frozenset(map(_mark, thing)))
            self._queue.extend((f"a member of {path}", part) for part in thing)
        elif isinstance(thing, bytearray):
            self._watch(path, lambda: [bytes(thing)])
        else:
            self._watch(path, lambda: list(thing))
            self._queue.extend(parts(path, thing))

    def _visit_instance(self, path: str, thing: Any) -> None:
        if _hides_state(type(thing)):
            self._cannot_see(path, thing)
            return
        skip = {"home", "key", "made_at"} if isinstance(thing, Enrolled) else set()
        if isinstance(thing, Resource):  # its value is watched by the runtimes
            skip |= {"value", "initial"}
        if id(thing) in self._inner or not is_readers(type(thing).__module__):  # such as the lock of a logger
            self._inner.update(map(id, attributes(thing).values()))
        unwatched = isinstance(thing, Resource)
        self._watch(
            f"{path}.", lambda: {name: part for name, part in attributes(thing).items() if name not in skip}, unwatched
        )
        self._queue.extend((f"{path}.{name}", part) for name, part in attributes(thing).items() if name not in skip)
        self._queue.append((path, type(thing)))

    def _visit_class(self, cls: type) -> None:
        """Watch what the reader's class itself holds, and visit its methods and the classes it is made from."""
        if not is_readers(cls.__module__):
            return
        self._watch(f"{cls.__name__}.", lambda: {name: part for name, part in vars(cls).items() if name[:2] != "__"})
        for name, part in vars(cls).items():
            path = f"{cls.__name__}.{name}"
            if isinstance(part, (staticmethod, classmethod)):
                part = part.__func__
            if isinstance(part, property):
                self._queue.extend((path, function) for function in (part.fget, part.fset, part.fdel))
            mutable = name[:2] != "__" and (isinstance(part, _CONTAINERS) or is_readers(type(part).__module__))
            if mutable or isinstance(part, types.FunctionType):
                self._queue.append((path, part))
        self._queue.extend((base.__name__, base) for base in cls.__bases__)

    def _cannot_see(self, path: str, thing: object) -> None:
        if self.opaque is None:
            self.opaque = f"{path} ({type(thing).__name__})"

    def _watch(self, path: str, look: Callable[[], Any], unwatched: bool = False) -> None:
        self._snapshots.append((path, look, look(), unwatched))

    def _visit_function(self, function: types.FunctionType) -> None:
        if not is_readers(function.__module__) or "site-packages" in function.__code__.co_filename:
            return
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents  # noqa: B018
            except ValueError:  # named, not yet bound
                continue
            self._queue.append((f"{name} (of {function.__name__})", cell))
        self._queue.append((f"a default of {function.__name__}", function.__defaults__))
        self._queue.append((f"a default of {function.__name__}", function.__kwdefaults__))
        self._watch(f"{function.__name__}.", lambda: dict(vars(function)))
        self._queue.extend((f"{function.__name__}.{name}", part) for name, part in vars(function).items())
        names = _global_names(function.__code__)
        self._visit_globals("the global ", function.__globals__, names)
        for name in sorted(names):
            module = function.__globals__.get(name)
            if isinstance(module, types.ModuleType) and is_readers(module.__name__):
                self._visit_globals(f"{name}.", vars(module), _all_names(function.__code__))

    def _visit_globals(self, path: str, space: dict[str, Any], used: frozenset[str]) -> None:
        names = sorted(used & space.keys())
        if names:
            self._watch(path, lambda: {name: space.get(name) for name in names})
        self._queue.extend((f"the global {name}", space[name]) for name in names)


def refuse_foreign(scenario: Scenario) -> None:
    """See that what `scenario` shares has no lock, thread or queue of the standard library.

    Raises:
        ScenarioError: it has one; nobody could know who waits in it.
    """
    world, _ = scenario.fresh()
    found = Plain(world, scenario.tasks).foreign
    if found:
        raise ScenarioError(foreign(*found))


def _changed(before: Any, now: Any) -> bool:
    if isinstance(now, frozenset):
        return bool(now != before)
    return len(now) != len(before) or any(map(differ, before, now))


def _mark(member: Any) -> tuple[type, Any]:
    """What tells one member of a set from another."""
    return type(member), member if isinstance(member, DATA) else id(member)


def is_readers(module: str | None) -> bool:
    """Whether a function or class of `module` may be the reader's: not kvmlab's and not the standard library's."""
    if module is None:
        return True
    root = module.partition(".")[0]
    if root == "kvmlab":
        return module.startswith(("kvmlab.kvm", "kvmlab.practice.tasks", "kvmlab.practice.worlds"))
    return root not in sys.stdlib_module_names or root == "__main__"


def _hides_state(cls: type) -> bool:
    """Whether an object of `cls` keeps something that is neither an attribute nor an item: C has it."""
    return not issubclass(cls, BaseException) and any(
        isinstance(vars(base).get("__new__"), types.BuiltinFunctionType) and base not in _TRANSPARENT
        for base in cls.__mro__
    )


@functools.lru_cache(4096)
def _all_names(code: types.CodeType) -> frozenset[str]:
    """The names of globals and attributes in `code` and the functions in it."""
    return frozenset(code.co_names).union(*map(_all_names, _inner(code)))


@functools.lru_cache(4096)
def _global_names(code: types.CodeType) -> frozenset[str]:
    """The names of globals alone: ``w.done`` in a task is not the reader's variable ``done``."""
    own = (step.argval for step in dis.get_instructions(code) if _GLOBAL.search(step.opname))
    return frozenset(own).union(*map(_global_names, _inner(code)))


def _inner(code: types.CodeType) -> Iterator[types.CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
