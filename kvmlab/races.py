"""Plain data that two tasks touch with nothing that orders them: what the search by traces watches besides locks.

The world's attributes, and those of the reader's own objects in it, are watched from the moment some task writes them.
Watching means: the object's class is exchanged for a subclass that notes reads and writes and does nothing else. Two
accesses of one attribute by different tasks, one of them a write, are a race when neither happens before the other.

A list, dict, set or namespace that changes is written, too, under the attribute that holds it (see `contents`): one
element, or the whole when the elements become more or fewer. Whoever reads the attribute and writes no element may have
read any. Left out: a read of an element by a task that has kept the list itself from before, or that writes another
element at the same place.
"""

from __future__ import annotations

import itertools
import sys
from collections import deque
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from kvmlab.contents import CHANGING, Contents
from kvmlab.location import Location, caller
from kvmlab.operation import Resource
from kvmlab.plain import is_readers
from kvmlab.threading.local import local
from kvmlab.world import Enrolled, Home, here, parts


@dataclass(frozen=True, slots=True)
class Access:
    """One read or write of a watched attribute.

    Attributes:
        name: the attribute, as a path from the world: ``w.srcu.idx``.
        part: the element of what the attribute holds: ``[0]``; empty for all of it.
        writes: whether it is a write.
        task: who.
        position: of the operation that the task had done last; -1 before its first.
        at: of the operation after which it came; -1 before all.
        location: the reader's line; None when there is none to name.
    """

    name: str
    part: str
    writes: bool
    task: str
    position: int
    at: int
    location: Location | None


_HOLDERS = (dict, list, tuple, deque, set, bytearray, SimpleNamespace, Enrolled)
"""What may hold objects of the reader's without being one."""


_CLASS = vars(object)["__class__"]
"""Exchanges an object's class, whatever the class itself says about attributes."""


class Watch:
    """Notes what tasks do to the attributes of the world and of the reader's own objects.

    Attributes:
        log: what was noted since it was emptied last, each once: (attribute, element, writes, task, line).
        grew: whether a task wrote an attribute that was not watched before. Then earlier reads of it are missing, and
            the search has to begin anew.
        on: whether to note anything.
    """

    def __init__(self) -> None:
        self.log: dict[tuple[str, str, bool, str, Location | None], None] = {}
        self.grew = False
        self.on = True
        self._classes: dict[type, type] = {}
        self._kinds: dict[type, tuple[bool, bool]] = {}
        self._paths: dict[int, tuple[object, str]] = {}
        self._contents: list[Contents] = []

    def begin(self, world: object, home: Home) -> None:
        """Watch a fresh world, and the objects such as VMs that are enrolled at its `home`, now or later."""
        self._paths.clear()
        self._contents.clear()
        self.log.clear()
        self._adopt("w", world)
        self._home, self._enrolled = home, 0
        self._adopt_enrolled()

    def resume(self) -> None:
        """Note what comes from here on, and nothing that came before."""
        self.on = True
        self._adopt_enrolled()
        for contents in self._contents:  # what is adopted meanwhile is appended, and comes in its turn
            self._renew(contents)

    def settle(self, task: str, line: Location | None) -> None:
        """Note the lists and other containers that have changed since this was asked last.

        Args:
            task: who has run since.
            line: where it last stood still.
        """
        if len(self._home.members) > self._enrolled:
            self._adopt_enrolled()
        for contents in self._contents:
            changed = contents.changed()
            if changed:
                self._renew(contents)
                self._note_change(contents, changed, task, line)

    def _adopt_enrolled(self) -> None:
        """Watch the objects that have been enrolled since: a task may share them in a resource, by their keys."""
        members = self._home.members
        for thing in itertools.islice(members.values(), self._enrolled, None):
            if not isinstance(thing, Resource):
                self._adopt(thing.label, thing)
        self._enrolled = len(members)

    def _renew(self, contents: Contents) -> None:
        contents.renew()
        if any(self._kind(kind)[1] for kind in contents.kinds):
            for path, part in parts(contents.path, contents.thing):
                self._adopt(path, part, contents.owner, contents.attribute)

    def _note_change(self, contents: Contents, changed: list[str], task: str, line: Location | None) -> None:
        owner, name = contents.owner, contents.attribute
        path = contents.path
        if owner is not None:
            self._watch_attribute(type(owner), name)
            path = f"{self._path(owner)}.{name}"
            inner = contents.path.removeprefix(path)
            changed = [f"{inner}{part}" for part in changed]
        read = [key for key in self.log if key[0] == path and not key[2] and key[3] == task]
        for key in read:
            line = key[4]
            del self.log[key]
        for part in changed:
            self.log[path, part, True, task, line] = None

    def _adopt(self, path: str, thing: object, owner: object = None, attribute: str = "") -> None:
        """Watch `thing` and the reader's objects that it holds; `owner` holds it, somewhere inside its `attribute`."""
        queue: deque[tuple[str, object, object, str]] = deque([(path, thing, owner, attribute)])
        while queue:
            path, thing, owner, attribute = queue.popleft()
            own, looked_into = self._kind(type(thing))
            if id(thing) in self._paths or not looked_into or callable(thing):
                continue
            self._paths[id(thing)] = (thing, path)
            if isinstance(thing, CHANGING):
                self._contents.append(Contents(path, thing, owner, attribute))
            mine = own and not isinstance(thing, CHANGING)
            for inner, part in parts(path, thing):
                if self._kind(type(part))[1]:
                    queue.append(
                        (inner, part, thing, inner[len(path) + 1 :]) if mine else (inner, part, owner, attribute)
                    )
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
            own = readers and not issubclass(cls, (Resource, local))
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
                    watch._adopt(f"{watch._path(thing)}.{name}", value, thing, name)

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
        self._watch_attribute(cls, name)
        self.note(thing, name, True)

    def _watch_attribute(self, cls: type, name: str) -> None:
        """Have objects of the watching class `cls` note reads of the attribute `name`; of another class, do nothing."""
        if name not in vars(cls) and cls in self._classes.values():
            setattr(cls, name, _Watched(self, name, cls.__mro__[1]))
            self.grew = True

    def note(self, thing: object, name: str, writes: bool) -> None:
        """Note an access by whoever acts."""
        actor = here.actor
        if self.on and actor is not None and not actor.unwinding:
            self.log[f"{self._path(thing)}.{name}", "", writes, actor.name, caller(sys._getframe(2))] = None


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
        task, part, writes, found = access.task, access.part, access.writes, None
        for one in earlier:
            if (
                (writes or one.writes)
                and one.task != task
                and clock.get(one.task, -1) <= one.position
                and (one.part == part or not part or not one.part)
            ):
                found = one
                break
        earlier.append(access)
        return found

    def forget(self, position: int) -> None:
        """Drop the accesses that came after the operation at `position` or a later one."""
        for accesses in self._of.values():
            while accesses and accesses[-1].at >= position:
                accesses.pop()
