"""The rule as a lint: what a task asks for while it holds ``kvm_lock``, in every schedule.

What a task holds follows from its own operations and their results (see `Holdings`). So each run is watched by itself,
and a search that visits every place that a task can come to shows every breach there is.

Two kinds are told apart. A breach of the *rule* asks for another mutex. A breach of its *reason* asks for something
that is not called a mutex and can wait all the same: a grace period, a completion, the hotplug lock. A spinlock may be
taken, since its holder never sleeps; so may a mutex by ``trylock``, which never waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from kvmlab.controlled import Fiber
from kvmlab.location import Location
from kvmlab.operation import Operation, Resource, always
from kvmlab.practice.holdings import Holdings
from kvmlab.primitives import Mutex, SpinLock
from kvmlab.threading import Lock
from kvmlab.world import Home

MUTEXES = (Mutex, Lock)


@dataclass(frozen=True)
class Breach:
    """A task asks for something that can wait while it holds the lock.

    Attributes:
        kind: ``rule`` or ``reason``.
        task: who.
        operation, resource: what it asks for.
        location: the line at which it does.
        way: the tasks that moved before, in order.
    """

    kind: str
    task: str
    operation: str
    resource: str
    location: Location
    way: tuple[str, ...]


class RuleWatch:
    """Watches the tasks of controlled runs for breaches.

    Args:
        lock: the name of the lock inside which nothing may wait.

    Attributes:
        breaches: by what makes them different, each with the shortest way there that was met.
    """

    def __init__(self, lock: str = "kvm_lock") -> None:
        self.lock = lock
        self.breaches: dict[tuple[Any, ...], Breach] = {}
        self._ways: WeakKeyDictionary[Home, list[str]] = WeakKeyDictionary()
        self._holdings = Holdings()

    def asks(self, fiber: Fiber) -> None:
        """Note it if `fiber` holds the lock and asks for something that can wait."""
        if not can_wait(fiber.resource, fiber.operation) or self.lock not in self._holdings.of(fiber):
            return
        name = fiber.resource.label
        if name == self.lock:
            return  # it waits for itself, which the search finds
        kind = "rule" if isinstance(fiber.resource, MUTEXES) else "reason"
        key = (fiber.name, fiber.operation.name, name, fiber.location)
        way = self._ways.get(fiber.home, [])
        if key not in self.breaches or len(way) < len(self.breaches[key].way):
            self.breaches[key] = Breach(kind, fiber.name, fiber.operation.name, name, fiber.location, tuple(way))

    def got(self, fiber: Fiber, result: Any) -> None:
        """Note who has moved, and what it holds now."""
        self._ways.setdefault(fiber.home, []).append(fiber.name)
        self._holdings.got(fiber, result)


def can_wait(resource: Resource, operation: Operation) -> bool:
    """Whether `operation` can put the caller to sleep."""
    return operation.sleeps or (operation.guard is not always and not isinstance(resource, SpinLock))
