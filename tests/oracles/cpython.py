"""CPython's own `threading.py`, a second time: its classes from its source, over kvmlab's `Lock`.

What they do is then explored like any reader's code, and has to come to the same ends as the twins.

Only the classes are taken, not the module: running all of it would make a second main thread and register with
``os.fork``. The names that they need are ours: locks that are explored, a task's number, and a clock that stands still
until a timeout expires.
"""

from __future__ import annotations

import ast
import threading as real
from collections import deque
from itertools import islice
from types import SimpleNamespace
from typing import Any

from kvmlab import threading
from kvmlab.controlled import Controlled
from kvmlab.operation import can_expire
from kvmlab.scenario import Scenario
from kvmlab.traces import TraceSearch
from kvmlab.world import here
from tests.oracles.threaded import Program

CLASSES = ("_RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event", "Barrier", "BrokenBarrierError")


class InnerLock(threading.Lock):
    """A `Lock` that may be left held: a condition makes one for every waiter and never releases it."""

    @classmethod
    def held_by(cls, value: Any) -> tuple[str, ...]:
        return ()


def _load() -> SimpleNamespace:
    with open(real.__file__, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    found = [one for one in tree.body if isinstance(one, ast.ClassDef) and one.name in CLASSES]
    assert [one.name for one in found] == list(CLASSES)
    space: dict[str, Any] = {
        "__name__": "threading",  # not the reader's, so that its attributes are not watched for races
        "_allocate_lock": InnerLock,
        "Lock": InnerLock,
        "RLock": lambda: space["_RLock"](),
        "_deque": deque,
        "_islice": islice,
        "_time": lambda: 1000.0 * here.actor.expiries if here.actor else 0.0,
        "get_ident": threading.get_ident,
    }
    exec(compile(ast.Module(found, []), real.__file__, "exec"), space)

    class Event(space["Event"]):  # type: ignore[misc]
        """`is_set` reads without the lock; an operation has to say when."""

        def is_set(self) -> bool:
            with self._cond:
                return bool(self._flag)

    names = {name: space[name] for name in CLASSES}
    return SimpleNamespace(
        **{**names, "Event": Event, "Lock": InnerLock, "RLock": space["_RLock"], "Thread": threading.Thread}
    )


cpython = _load()
"""What programs may use under the name ``threading``, as CPython wrote it."""


def note(w: Any, result: Any) -> Any:
    """Remember that the calling task got `result`, and return it."""
    assert here.actor is not None
    w.notes.setdefault(here.actor.name, []).append(result if result is None else int(result))
    return result


class Ends(TraceSearch):
    """A search that keeps what every task noted and how it ended, for every class."""

    def __init__(self, scenario: Scenario, limit: int, **options: Any) -> None:
        super().__init__(scenario, limit, **options)
        self.ends: set[Any] = set()

    def _ended(self, run: Controlled) -> None:
        super()._ended(run)
        waiting = [fiber for fiber in run.fibers if fiber.ended is None]
        if any(can_expire(one.operation, one.resource.value, one.name, one.args) for one in waiting):
            return  # cut short: a timeout more would go on
        self.ends.add(tuple(sorted((fiber.name, self._end(run, fiber)) for fiber in run.fibers)))

    def _end(self, run: Controlled, fiber: Any) -> Any:
        notes = tuple(run.world.notes.get(fiber.name, ()))
        error = fiber.ended.error if fiber.ended else None
        return (
            notes,
            "waits" if fiber.ended is None else f"raised {type(error).__name__}: {error}" if error else "ended",
        )


def ends(program: Program, limit: int, names: Any, **options: Any) -> Ends:
    """Search `program` with ``threading`` bound to `names`."""
    return Ends(program.scenario(threading=names, note=note), limit, **options).search()  # type: ignore[return-value]
