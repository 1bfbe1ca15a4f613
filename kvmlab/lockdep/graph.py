"""The dependency graph: which class was ever asked for while which other one was held.

Kernel: struct lock_list and add_lock_to_list(), kernel/locking/lockdep.c, 6.12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kvmlab.lockdep.classes import LockClass
from kvmlab.lockdep.dependency import Dependency, dependency
from kvmlab.lockdep.held import HeldLock


@dataclass(frozen=True)
class Witness:
    """The first time a dependency of one type was seen: the outer lock that was held, the inner one asked for."""

    outer: HeldLock
    inner: HeldLock


@dataclass(eq=False)
class Edge:
    """Every dependency from one class to another.

    The kernel keeps one stack for an edge, from when it was first seen. We keep a witness for each type, so that a
    report shows the line that really made the dependency it talks about.
    """

    outer: LockClass
    inner: LockClass
    witnesses: dict[Dependency, Witness] = field(default_factory=dict)

    def __str__(self) -> str:
        types = ",".join(sorted(dep.value for dep in self.witnesses))
        return f"{self.outer} -({types})-> {self.inner}"


class Graph:
    """The edges, in the order in which they were first recorded."""

    def __init__(self) -> None:
        self._after: dict[LockClass, dict[LockClass, Edge]] = {}
        self._before: dict[LockClass, list[Edge]] = {}

    def add(self, outer: HeldLock, inner: HeldLock) -> None:
        """Record that `inner` was asked for while `outer` was held."""
        after = self._after.setdefault(outer.cls, {})
        if inner.cls not in after:
            after[inner.cls] = Edge(outer.cls, inner.cls)
            self._before.setdefault(inner.cls, []).append(after[inner.cls])
        dep = dependency(outer.strength, inner.strength)
        after[inner.cls].witnesses.setdefault(dep, Witness(outer, inner))

    def after(self, outer: LockClass) -> Iterator[Edge]:
        """The edges that leave a class, oldest first."""
        return iter(self._after.get(outer, {}).values())

    def before(self, inner: LockClass) -> Iterator[Edge]:
        """The edges that come to a class, oldest first."""
        return iter(self._before.get(inner, ()))

    def __iter__(self) -> Iterator[Edge]:
        return (edge for after in self._after.values() for edge in after.values())

    def __len__(self) -> int:
        return sum(len(after) for after in self._after.values())

    def __str__(self) -> str:
        return "\n".join(map(str, self))
