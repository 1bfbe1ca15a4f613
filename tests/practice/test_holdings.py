"""Who holds what, told by the operations of each task alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import SRCU, Mutex, PercpuRwsem, ReaderPreferringRwsem, Scenario, Shared, explore, threading
from kvmlab.controlled import Fiber, observed
from kvmlab.practice.holdings import Holdings
from kvmlab.practice.tasks.ch01 import Held
from kvmlab.practice.tasks.ch06 import Seen


class World:
    def __init__(self) -> None:
        self.mutex = Mutex()
        self.cpus = PercpuRwsem()
        self.readers_first = ReaderPreferringRwsem()
        self.srcu = SRCU()
        self.lock = threading.Lock()
        self.rlock = threading.RLock()
        self.condition = threading.Condition(self.lock)
        self.cell = Shared(0)


class AtTheCell(Holdings):
    """What a task holds whenever it operates on the cell."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, ...]] = []

    def asks(self, fiber: Fiber) -> None:
        if fiber.resource.label == "cell":
            held = tuple(self.of(fiber))
            if held not in self.found:
                self.found.append(held)


def at_the_cell(*tasks: Callable[[World], object], by: str) -> list[tuple[str, ...]]:
    watch = AtTheCell()
    with observed(watch):
        explore(Scenario(World, *tasks), by=by)
    return sorted(watch.found)


def writes(w: World) -> None:
    with w.cpus.write():
        w.cell.load()


def reads(w: World) -> None:
    with w.cpus.read():
        w.cell.load()


def writes_past_readers(w: World) -> None:
    with w.readers_first.write():
        w.cell.load()


def reads_twice(w: World) -> None:
    with w.srcu.read():
        with w.srcu.read():
            pass
        w.cell.load()


def tries_its_own(w: World) -> None:
    with w.mutex:
        w.mutex.trylock()
        w.cell.load()


def tries_anothers(w: World) -> None:
    if w.mutex.trylock():
        w.mutex.unlock()
    else:
        w.cell.load()


def locks_twice(w: World) -> None:
    with w.rlock:
        with w.rlock:
            pass
        w.cell.load()


def looks(w: World) -> None:
    with w.lock:
        w.lock.locked()
        w.cell.load()


def notifies(w: World) -> None:
    with w.condition:
        w.condition.notify()
        w.cell.load()


def is_woken(w: World) -> None:
    with w.condition:
        w.condition.wait()
        w.cell.load()


def unlocks(w: World) -> None:
    with w.mutex, w.lock:
        pass
    w.cell.load()


@pytest.mark.parametrize("by", ["states", "traces"])
@pytest.mark.parametrize(
    ("tasks", "held"),
    [
        ((writes,), [("cpus",)]),
        ((writes, reads), [("cpus",)]),
        ((writes_past_readers,), [("readers_first",)]),
        ((reads_twice,), [("srcu",)]),
        ((tries_its_own,), [("mutex",)]),
        ((tries_anothers, tries_its_own), [(), ("mutex",)]),
        ((locks_twice,), [("rlock",)]),
        ((looks,), [("lock",)]),
        ((notifies, is_woken), [("lock",)]),
        ((unlocks,), [()]),
    ],
)
def test_what_is_held_at_the_cell(tasks: tuple[Any, ...], held: list[tuple[str, ...]], by: str) -> None:
    assert at_the_cell(*tasks, by=by) == held


def seen(watch: Any, *tasks: Callable[[World], object]) -> Any:
    with observed(watch):
        explore(Scenario(World, *tasks))
    return watch


def test_what_a_writer_asks_for_is_an_edge() -> None:
    def takes(w: World) -> None:
        with w.cpus.write(), w.mutex:
            pass

    assert seen(Seen(), takes).edges == {"PercpuRwsem to lock", "PercpuRwsem to unlock"}


def test_a_lock_that_is_tried_in_vain_is_held_by_whoever_has_it() -> None:
    def tries(w: World) -> None:
        with w.mutex:
            w.mutex.trylock()
            with w.lock:
                pass

    held = seen(Held(), tries)
    assert (held.most, held.locks) == (2, {"mutex", "lock"})
