"""Lock classes: the nodes of the dependency graph.

All locks born at one place are one class, whatever their number: the slots_lock of every VM is one node. A subclass
(mutex_lock_nested()) is a node of its own. Kernel: register_lock_class(), kernel/locking/lockdep.c, 6.12.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from kvmlab.lockdep.kinds import KINDS, Kind

MAX_SUBCLASSES = 8
"""Subclasses a class may have, counting subclass 0: MAX_LOCKDEP_SUBCLASSES, 6.12."""


class Lock:
    """One lock, as lockdep knows it: its name, its kind, the class it belongs to.

    Two Lock objects are two instances, even if everything in them is equal.

    Args:
        name: how messages call this instance, for example "vm0.slots_lock".
        kind: a Kind, or the name of one in KINDS.
        class_name: how messages call its class; the instance's own name if left out.
        key: what makes two locks one class (a line of source, an attribute's name); class_name if left out.
    """

    __slots__ = ("class_name", "key", "kind", "name")

    def __init__(
        self, name: str, kind: Kind | str = "mutex", class_name: str | None = None, key: Hashable = None
    ) -> None:
        if isinstance(kind, str) and kind not in KINDS:
            raise ValueError(f"unknown kind of lock {kind!r}; known: {', '.join(KINDS)}")
        self.name = name
        self.kind = KINDS[kind] if isinstance(kind, str) else kind
        self.class_name = class_name if class_name is not None else name
        self.key: Hashable = key if key is not None else self.class_name

    def __repr__(self) -> str:
        return f"<Lock {self.name}: {self.kind.name} of class {self.class_name}>"


@dataclass(frozen=True, eq=False)
class LockClass:
    """One node of the dependency graph.

    Attributes:
        name: the class's name, without its version and subclass.
        kind: the kind of its locks.
        subclass: 0 to 7.
        version: 2 for the second class of that name, and so on.
        number: classes count from 0 in the order in which they were first taken.
    """

    name: str
    kind: Kind
    subclass: int
    version: int
    number: int

    def __str__(self) -> str:
        """The name as the kernel prints it: `name#version/subclass`, both only when they say something."""
        version = f"#{self.version}" if self.version > 1 else ""
        subclass = f"/{self.subclass}" if self.subclass else ""
        return f"{self.name}{version}{subclass}"


class Classes:
    """Every class met so far; a class comes into being when a lock of it is first taken."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[Hashable, int], LockClass] = {}

    def of(self, lock: Lock, subclass: int = 0) -> LockClass:
        """The class of a lock at a subclass, made now if it is new.

        Raises:
            ValueError: the subclass is not 0 to 7.
        """
        known = self._by_key.get((lock.key, subclass))
        if known is not None:
            return known
        if subclass not in range(MAX_SUBCLASSES):
            raise ValueError(f"subclass {subclass} of {lock.name}: a subclass is 0 to {MAX_SUBCLASSES - 1}")
        made = LockClass(lock.class_name, lock.kind, subclass, self._version(lock), len(self._by_key))
        self._by_key[lock.key, subclass] = made
        return made

    def known(self, lock: Lock) -> LockClass | None:
        """The class of a lock at subclass 0, or None if no lock of it was ever taken there."""
        return self._by_key.get((lock.key, 0))

    def _version(self, lock: Lock) -> int:
        """Number equal names apart; a subclass shares the version of its own subclass 0, if that came first.

        Kernel: count_matching_names(), 6.12. So a class first taken at subclass 1 gets a second version, `name#2`,
        for its subclass 0.
        """
        base = self.known(lock)
        if base is not None:
            return base.version
        return 1 + max((c.version for c in self._by_key.values() if c.name == lock.class_name), default=0)
