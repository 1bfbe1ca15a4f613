"""Plain data that two tasks touch with nothing that orders them: what the search by traces watches besides locks.

The world's attributes, and those of the reader's own objects in it, are watched from the moment some task writes them.
Watching means: the object's class is exchanged for a subclass that notes reads and writes and does nothing else. Two
accesses of one attribute by different tasks, one of them a write, are a race when neither happens before the other.

Left out: what happens inside lists, dicts and sets. Only the attribute that holds them is watched.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from kvmlab.location import Location, caller
from kvmlab.operation import Resource
from kvmlab.plain import is_readers
from kvmlab.threading.local import local
from kvmlab.world import Enrolled, here, parts


@dataclass(frozen=True, slots=True)
class Access:
    """One read or write of a watched attribute.

    Attributes:
        name: the attribute, as a path from the world: ``w.srcu.idx``.
        writes: whether it is a write.
        task: who.
        position: of the operation that the task had done last; -1 before its first.
        at: of the operation after which it came; -1 before all.
        location: the reader's line.
    """

    name: str
    writes: bool
    task: str
    position: int
    at: int
    location: Location


_HOLDERS = (dict, list, tuple, deque, SimpleNamespace, Enrolled)
"""What may hold objects of the reader's without being one."""


_CLASS = vars(object)["__class__"]
"""Exchanges an object's class, whatever the class itself says about attributes."""


class Watch:
    """Notes what tasks do to the attributes of the world and of the reader's own objects.

    Attributes:
        log: what was noted since it was emptied last, each once: (attribute, writes, task, line).
        grew: whether a task wrote an attribute that was not watched before. Then earlier reads of it are missing, and
            the search has to begin anew.
        on: whether to note anything.
    """

    def __init__(self) -> None:
        self.log: dict[tuple[str, bool, str, Location], None] = {}
        self.grew = False
        self.on = True
        self._classes: dict[type, type] = {}
        self._kinds: dict[type, tuple[bool, bool]] = {}
        self._paths: dict[int, tuple[object, str]] = {}

    def begin(self, world: object) -> None:
        """Watch a fresh world."""
        self._paths.clear()
        self.log.clear()
        self._adopt("w", world)

    def _adopt(self, path: str, thing: object) -> None:
        """Watch `thing` and the reader's objects that it holds."""
        queue: deque[tuple[str, object]] = deque([(path, thing)])
        while queue:
            path, thing = queue.popleft()
            own, looked_into = self._kind(type(thing))
            if id(thing) in self._paths or not looked_into or callable(thing):
                continue
            self._paths[id(thing)] = (thing, path)
            queue.extend(parts(path, thing))
            if own:
                try:
                    _CLASS.__set__(thing, self._watching(type(thing)))
                except Exception:  # a class that allows no subclass, such as an enum's, or that cannot be exchanged
                    continue

    def _kind(self, cls: type) -> tuple[bool, bool]:
        """Whether objects of `cls` are the reader's own, to be watched, and whether to look for such objects in it."""
        known = self._kinds.get(cls)
        if known is None:
            readers = is_readers(cls.__module__)
            own = readers and not issubclass(cls, (Enrolled, local))
            holder = issubclass(cls, _HOLDERS) and (readers or not issubclass(cls, Resource))
            known = self._kinds[cls] = (own, own or holder)
        return known

    def _watching(self, cls: type) -> type:
        """The subclass of `cls` whose objects are watched."""
        found = self._classes.get(cls)
        if found is None:
            if cls in self._classes.values():
                return cls
            watch = self

            def write(thing: Any, name: str, value: Any) -> None:
                watch._note_write(thing, name, found)
                super(found, thing).__setattr__(name, value)  # type: ignore[arg-type]
                if watch._kind(type(value))[1]:
                    watch._adopt(f"{watch._path(thing)}.{name}", value)

            def delete(thing: Any, name: str) -> None:
                watch._note_write(thing, name, found)
                super(found, thing).__delattr__(name)  # type: ignore[arg-type]

            body = {
                "__slots__": (), "__setattr__": write, "__delattr__": delete, "__class__": property(lambda thing: cls),
                "__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__,
            }  # fmt: skip
            found = self._classes[cls] = type(cls)(cls.__name__, (cls,), body)
        return found

    def _path(self, thing: object) -> str:
        known = self._paths.get(id(thing))
        return known[1] if known else type(thing).__name__

    def _note_write(self, thing: object, name: str, cls: type | None) -> None:
        actor = here.actor
        if actor is None or actor.unwinding or cls is None:
            return
        if name not in vars(cls):
            base = cls.__mro__[1]
            setattr(cls, name, _Watched(self, name, base))
            self.grew = True
        self.note(thing, name, True)

    def note(self, thing: object, name: str, writes: bool) -> None:
        """Note an access by whoever acts."""
        actor = here.actor
        if self.on and actor is not None and not actor.unwinding:
            self.log[f"{self._path(thing)}.{name}", writes, actor.name, caller(sys._getframe(2))] = None


class _Watched:
    """Stands for an attribute in a watching class: notes every read, and keeps the value where it always was."""

    def __init__(self, watch: Watch, name: str, base: type) -> None:
        self._watch = watch
        self._name = name
        self._below = next((vars(cls)[name] for cls in base.__mro__ if name in vars(cls)), None)
        self._is_data = hasattr(self._below, "__set__")

    def __get__(self, thing: Any, cls: type | None = None) -> Any:
        if thing is None:
            return self._below
        if self._watch.on:
            self._watch.note(thing, self._name, False)
        if self._is_data:
            return self._below.__get__(thing, cls)  # type: ignore[union-attr]
        try:
            return thing.__dict__[self._name]
        except KeyError:
            if self._below is None:
                raise AttributeError(
                    f"{cls.__name__ if cls else ''!r} object has no attribute {self._name!r}"
                ) from None
            return self._below.__get__(thing, cls) if hasattr(self._below, "__get__") else self._below

    def __set__(self, thing: Any, value: Any) -> None:
        if self._is_data:
            self._below.__set__(thing, value)  # type: ignore[union-attr]
        else:
            thing.__dict__[self._name] = value

    def __delete__(self, thing: Any) -> None:
        if hasattr(self._below, "__delete__"):
            self._below.__delete__(thing)  # type: ignore[union-attr]
        elif thing.__dict__.pop(self._name, self) is self:
            raise AttributeError(self._name)


class History:
    """The accesses along the schedule under study, attribute by attribute."""

    def __init__(self) -> None:
        self._of: dict[str, list[Access]] = {}

    def add(self, access: Access, clock: dict[str, int]) -> Access | None:
        """Take `access` in; return an earlier one that it races with, if there is one.

        `clock` says, by task, the position of the last operation that happens before the access.
        """
        earlier = self._of.setdefault(access.name, [])
        found = next(
            (
                one
                for one in earlier
                if one.task != access.task and (one.writes or access.writes) and clock.get(one.task, -1) <= one.position
            ),
            None,
        )
        earlier.append(access)
        return found

    def forget(self, position: int) -> None:
        """Drop the accesses that came after the operation at `position` or a later one."""
        for accesses in self._of.values():
            while accesses and accesses[-1].at >= position:
                accesses.pop()
