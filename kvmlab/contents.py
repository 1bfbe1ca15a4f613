"""What a list, dict, set or namespace holds, and which elements have changed since it was looked at last."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from operator import is_
from types import SimpleNamespace
from typing import Any

from kvmlab.errors import shown

CHANGING = (list, dict, set, deque, bytearray, SimpleNamespace)
"""What holds elements that may be exchanged, become more, or become fewer."""

DATA = (bool, int, float, complex, str, bytes, type(None))
"""What is the same when it is equal. Of anything else the class may say what is equal: there only identity counts."""


class Contents:
    """One container, as it was when it was looked at last.

    Attributes:
        path: where it is, as a path from the world: ``w.grid[0]``.
        thing: the container.
        owner: the object one of whose attributes holds it, directly or in containers around it; None if there is none.
        attribute: the name of that attribute.
        kinds: the types of its elements, when it was looked at last.
    """

    __slots__ = ("_before", "_copy", "attribute", "kinds", "owner", "path", "thing")

    def __init__(self, path: str, thing: Any, owner: object, attribute: str) -> None:
        self.path = path
        self.thing = thing
        self.owner = owner
        self.attribute = attribute
        self.renew()

    def renew(self) -> None:
        """Look at it."""
        self._before = elements(self.thing)
        self._copy = list(self.thing) if type(self.thing) is list else None
        self.kinds = {type(part) for part in self._before.values()}

    def changed(self) -> list[str]:
        """The elements that are others now, ``["[0]"]``; ``[""]``, all of it, when there are more or fewer."""
        if self._copy is not None and len(self._copy) == len(self.thing) and all(map(is_, self._copy, self.thing)):
            return []  # the usual case, quickly
        before, now = self._before, elements(self.thing)
        if len(before) != len(now):
            return [""]
        different = [key for key, part in now.items() if key not in before or differ(before[key], part)]
        return [""] if any(key not in before for key in different) else [f"[{shown(key)}]" for key in different]


def elements(thing: Any) -> dict[Hashable, Any]:
    """What `thing` holds, by key, index or name; a member of a set is its own key."""
    if isinstance(thing, (dict, SimpleNamespace)):
        return {**(thing if isinstance(thing, dict) else vars(thing))}
    if isinstance(thing, set):
        return dict.fromkeys(thing)
    return dict(enumerate(thing))


def differ(before: object, now: object) -> bool:
    """Whether `now` is another thing than `before`, and not merely the same data once more."""
    if before is now:
        return False
    if isinstance(before, tuple) and type(before) is tuple is type(now):
        return len(before) != len(now) or any(map(differ, before, now))
    return type(before) is not type(now) or type(now) not in DATA or before != now
