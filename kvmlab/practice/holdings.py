"""What tasks hold, as far as whoever observes their operations can tell.

In the search by states a task is alone, fed with results, and the values of locks do not tell who holds them. But an
operation that takes a lock says so, and whether a later one ends the hold can be tried: on a value of that lock that
knows of this task only.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from kvmlab.controlled import Fiber
from kvmlab.diagnosis import holders
from kvmlab.operation import Fault, Resource, outcome
from kvmlab.world import Home


class Holdings:
    """What the tasks of controlled runs hold, each told by its own operations and their results.

    Who is inside an SRCU domain twice, on its two sides, counts as outside once it has left one of them.
    """

    def __init__(self) -> None:
        self._held: WeakKeyDictionary[Home, dict[tuple[str, str], tuple[type[Resource], Any]]] = WeakKeyDictionary()

    def of(self, fiber: Fiber) -> dict[str, type[Resource]]:
        """The kinds of what `fiber` holds, by name."""
        held = self._held.get(fiber.home, {})
        return {name: kind for (task, name), (kind, _) in held.items() if task == fiber.name}

    def got(self, fiber: Fiber, result: Any) -> None:
        """Note that the operation of `fiber` has happened, with `result`."""
        held = self._held.setdefault(fiber.home, {})
        resource, operation, key = fiber.resource, fiber.operation, (fiber.name, fiber.resource.label)
        takes = operation.takes(result)
        if isinstance(result, Fault) or not (takes or key in held):
            return
        _, before = held.get(key, (None, resource.initial))
        value, said = outcome(operation, before, fiber.name, fiber.args)
        if takes or (not isinstance(said, Fault) and fiber.name in holders(resource, value)):
            held[key] = type(resource), value
        else:
            del held[key]
