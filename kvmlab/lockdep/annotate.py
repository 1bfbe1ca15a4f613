"""What a program says to lockdep by itself: about a primitive of its own, and about a nesting that is meant.

Contract
- All of this is for lockdep alone. It is no operation: it changes no schedule, and under `run`, `explore` and `replay`
  nothing happens.
- A `LockdepMap` stands for a primitive: `acquire` before the wait, `release`, and `sync` where somebody waits for all
  readers. Those three calls are all that the kernel's own primitives make.
- `nested` and `nest_lock` say that taking a second lock of one class is meant. Lockdep believes them.
- `might_lock` says that this line may take a lock, even if it does not do so today.

Models: include/linux/lockdep.h (struct lockdep_map, lock_map_acquire(), lock_map_acquire_read(), lock_map_release(),
lock_map_sync(), might_lock()), include/linux/mutex.h (mutex_lock_nested(), mutex_lock_nest_lock()), Linux 6.12.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Generic, TypeVar

from kvmlab.errors import ScenarioError, shown
from kvmlab.location import caller
from kvmlab.lockdep.classes import MAX_SUBCLASSES
from kvmlab.lockdep.feed import listening
from kvmlab.lockdep.kinds import KINDS, Kind
from kvmlab.lockdep.places import DEP_MAP
from kvmlab.operation import Resource
from kvmlab.verdict import place
from kvmlab.world import Enrolled

Entered = TypeVar("Entered")


class LockdepMap(Enrolled):
    """What lockdep is to know of a primitive that you made (``struct lockdep_map``).

    Keep it in the primitive as ``self.dep_map``; reports then call it after the place where the primitive is kept.

    Args:
        kind: what it behaves like: ``mutex``, ``rwsem``, ``percpu_rwsem``, ``srcu``, … , or a `Kind` of your own.

    Raises:
        ScenarioError: there is no such kind.
    """

    def __init__(self, kind: str | Kind = "mutex") -> None:
        super().__init__()
        if not isinstance(kind, Kind) and not (isinstance(kind, str) and kind in KINDS):
            raise ScenarioError(f"lockdep knows no kind of lock {shown(kind)}; it knows {', '.join(KINDS)}")
        self._kind = KINDS[kind] if isinstance(kind, str) else kind

    def acquire(self, *, shared: bool = False, trylock: bool = False) -> None:
        """Say it before the wait, or after a try that worked.

        Raises:
            TypeError: a lock of this kind cannot be taken so.
        """
        self._kind.strength(shared)
        if heard := listening():
            feed, task = heard
            feed.lock(self, self._kind)
            feed.acquire(task, self, shared=shared, trylock=trylock, where=place(caller()))

    def release(self) -> None:
        """Say it when the primitive is given back."""
        if heard := listening():
            feed, task = heard
            feed.validator.release(task, feed.lock(self, self._kind), where=place(caller()))

    def sync(self) -> None:
        """Say it before a wait until all readers of now have left.

        Raises:
            TypeError: a lock of this kind has no such wait.
        """
        if heard := listening():
            feed, task = heard
            feed.validator.sync(task, feed.lock(self, self._kind), where=place(caller()))


class _Marked(Generic[Entered]):
    """Enters a section with a mark on what it takes."""

    def __init__(self, section: AbstractContextManager[Entered], subclass: int, outer: Resource | None) -> None:
        self._section = section
        self._mark = (subclass, outer)

    def __enter__(self) -> Entered:
        heard = listening()
        if heard is None:
            return self._section.__enter__()
        feed, task = heard
        feed.marks.setdefault(task, []).append(self._mark)
        try:
            return self._section.__enter__()
        finally:
            feed.marks[task].pop()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._section.__exit__(kind, error, trace)


def _check_section(call: str, section: object) -> None:
    if not isinstance(section, AbstractContextManager):
        raise ScenarioError(f"{call} takes a lock, or a section such as sem.read(), not {shown(section)}")


def _check_lock(call: str, lock: object) -> None:
    if not isinstance(lock, (Resource, LockdepMap)):
        instead = f"give it its {DEP_MAP}" if hasattr(lock, DEP_MAP) else "give it one that the world has made"
        raise ScenarioError(f"{call} takes a lock, not {shown(lock)}: {instead}")


def nested(section: AbstractContextManager[Entered], subclass: int = 1) -> AbstractContextManager[Entered]:
    """A lock that is to be taken at a subclass of its class (``mutex_lock_nested()``).

    Args:
        section: a lock, or a section such as ``sem.read()``: ``with nested(w.b):``.
        subclass: 0 to 7; 1 is the kernel's ``SINGLE_DEPTH_NESTING``.

    Raises:
        ScenarioError: there is no such subclass, or nothing to enter.
    """
    _check_section("nested", section)
    if subclass not in range(MAX_SUBCLASSES):
        raise ScenarioError(f"a subclass is 0 to {MAX_SUBCLASSES - 1}, not {shown(subclass)}")
    return _Marked(section, subclass, None)


def nest_lock(section: AbstractContextManager[Entered], outer: Resource) -> AbstractContextManager[Entered]:
    """A lock whose nesting `outer`, which is held, serialises (``mutex_lock_nest_lock()``).

    Raises:
        ScenarioError: one of the two is no lock.
    """
    _check_section("nest_lock", section)
    _check_lock("nest_lock", outer)
    return _Marked(section, 0, outer)


def might_lock(lock: Resource, *, shared: bool = False) -> None:
    """Say that this line may take `lock`, and be checked as if it did (``might_lock()``).

    Raises:
        ScenarioError: it is no lock.
        TypeError: a lock of this kind cannot be taken so.
    """
    _check_lock("might_lock", lock)
    if heard := listening():
        feed, task = heard
        feed.validator.might_lock(task, feed.lock(lock), shared=shared, where=place(caller()))
