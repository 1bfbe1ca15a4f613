"""Where a world keeps its locks: what makes two of them one class, and what to call it.

The kernel makes one class of all locks that one line initialises, and names it after what that line says: `kvm_lock`
for a lock of its own, `&kvm->slots_lock` for a part of every `struct kvm`. Here the place says the same: all locks that
objects of one type keep under one attribute are one class, `&vm->slots_lock` for every ``VM``; so are the locks of one
list, `&forks[i]`. A lock that is kept nowhere belongs to the line that made it.

Kernel: lockdep_init_map_type() and the static keys in mutex_init() and init_srcu_struct(), 6.12.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import NamedTuple

from kvmlab.operation import Resource
from kvmlab.world import Enrolled, Home, parts

DEP_MAP = "dep_map"
"""The attribute under which a primitive of the reader's keeps its `LockdepMap`; it stands for the whole primitive."""


class Place(NamedTuple):
    """Where a thing is kept.

    Attributes:
        owner: the type of the object that keeps it.
        path: the attribute, ``[i]`` for any place in a list or dict.
        part: whether the owner is a part of the world, and not the world itself.
    """

    owner: type
    path: str
    part: bool

    @property
    def class_name(self) -> str:
        """The name as the kernel would make it: `kvm_lock`, `&vm->slots_lock`, `&forks[i]`."""
        name = f"{self.owner.__name__.lower()}->{self.path}" if self.part else self.path
        return f"&{name}" if self.part or "[i]" in name else name


def places(world: object, home: Home) -> dict[Enrolled, Place]:
    """The place of everything enrolled that can be reached from the world, or from what tasks have made since.

    Of several places the one nearest to the world counts.
    """
    found: dict[Enrolled, Place] = {}
    seen: set[int] = set()
    for root in (world, *home.members.values()):
        queue: deque[tuple[object, Place | None]] = deque([(root, None)])
        while queue:
            thing, place = queue.popleft()
            if id(thing) in seen or (isinstance(thing, Enrolled) and thing.home is not home):
                continue
            seen.add(id(thing))
            if isinstance(thing, Enrolled) and place is not None:
                found[thing] = place
            queue.extend((part, _of_part(name, thing, place, thing is not world)) for name, part in parts("", thing))
    return found


def _of_part(name: str, thing: object, place: Place | None, part: bool) -> Place | None:
    """The place of what `thing` keeps under `name`.

    A struct begins a path anew. A list and a primitive, such as a notifier chain with its SRCU domain, go on with
    their own.
    """
    if isinstance(thing, (list, tuple, deque, dict)) and place is not None:
        return place._replace(path=f"{place.path}[i]")
    if isinstance(thing, Resource) and place is not None:
        return place._replace(path=f"{place.path}.{name}")
    if name == DEP_MAP and place is not None:
        return place
    return Place(type(thing), name, part)


def of_line(thing: Enrolled) -> tuple[str, Hashable]:
    """Class name and key of a lock that is kept nowhere: the line that made it."""
    return f"{type(thing).__name__} of {thing.made_at.function} line {thing.made_at.line}", thing.made_at
