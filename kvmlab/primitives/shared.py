"""A cell of shared memory whose every load and store is an operation.

Contract
- ``load`` returns what the last ``store`` put in.
- Two loads never disturb each other; a store and anything else do.
- It holds hashable data, and objects of the world such as VMs.

Left out: weak memory orders, torn and repeated loads. Every load and store here is as strong as ``READ_ONCE()`` and
``WRITE_ONCE()`` with full ordering.
"""

from __future__ import annotations

from typing import Any

from kvmlab.operation import Operation, Resource, Task, perform
from kvmlab.world import decode, encode


def get(value: Any, task: Task) -> tuple[Any, Any]:
    """The value, unchanged."""
    return value, value


def put(value: Any, task: Task, new: Any) -> tuple[Any, None]:
    """The new value."""
    return new, None


LOAD = Operation("load", get, reads=lambda value: True, effect_text="always: result the value")
STORE = Operation("store", put, effect_text="always: the value is the one given")


class Shared(Resource):
    """A cell. Value: what it holds.

    Raises:
        ScenarioError: the value is neither hashable data nor an object of the world.
    """

    operations = (LOAD, STORE)

    def __init__(self, value: Any = None) -> None:
        super().__init__(encode(value))

    def load(self) -> Any:
        """Return what the cell holds."""
        return decode(perform(self, LOAD), self.home)

    def store(self, value: Any) -> None:
        """Put `value` into the cell.

        Raises:
            ScenarioError: the value is neither hashable data nor an object of the world.
        """
        perform(self, STORE, encode(value))
