"""What all twins share: inside a scenario a resource, outside it the standard library's own object."""

from __future__ import annotations

import threading as real
from typing import Any

from kvmlab.errors import ForeignObject
from kvmlab.location import caller
from kvmlab.operation import Operation, Resource, perform
from kvmlab.world import here


class Twin(Resource):
    """A resource whose methods go to the standard library's object when it was made outside a scenario."""

    _real: Any = None

    def _outside(self) -> bool:
        """Whether to use the standard library's object.

        Raises:
            ForeignObject: a task uses an object that was made outside its world.
        """
        if self._real is None:
            return False
        actor = here.actor
        if actor is not None:
            raise ForeignObject(
                f"{actor.name} uses a {type(self).__name__} from outside its world (made at {self.made_at}; used at "
                f"{caller()}). Every schedule needs a fresh one: make it in the world's __init__ and use it through "
                "the task's argument."
            )
        return True

    def _do(self, operation: Operation, *args: Any) -> Any:
        return perform(self, operation, *args)

    def __repr__(self) -> str:
        return repr(self._real) if self._real is not None else super().__repr__()


def check_timeout(blocking: bool, timeout: float) -> None:
    """Refuse what the standard library's locks refuse, with the same exception."""
    real.Lock().acquire(blocking, timeout)
