"""The shared cell: every load and store is an operation."""

from __future__ import annotations

import enum
from typing import Any, NamedTuple

import pytest

from kvmlab import Mutex, Scenario, ScenarioError, Shared, explore, replay
from kvmlab.world import Enrolled


class World:
    def __init__(self) -> None:
        self.cell = Shared(0)


def bump(w: World) -> None:
    w.cell.store(w.cell.load() + 1)


def test_load_returns_what_store_put_in() -> None:
    cell = Shared("first")
    assert cell.load() == "first"
    cell.store(("second", 2))
    assert cell.load() == ("second", 2)


def test_two_tasks_that_load_and_store_lose_an_update() -> None:
    """Between the load and the store anybody may come."""

    def check(w: World) -> None:
        bump(w)
        bump(w)

    found = explore(Scenario(World, bump, bump))
    assert found.schedules == 6
    assert [replay(Scenario(World, bump, bump), way).schedule[3].operation for way in ("1-1-2-2", "1-2-1-2")] == [
        "store", "store"
    ]  # fmt: skip
    assert explore(Scenario(World, check)).verdict == "proven"


class Colour(enum.Enum):
    RED = 1


class Pair(NamedTuple):
    left: int
    right: int


@pytest.mark.parametrize(
    "value", [None, 0, 1.5, True, "text", b"bytes", (1, (2, "x")), frozenset({1}), Colour.RED, Pair(1, 2)]
)
def test_it_holds_hashable_data(value: Any) -> None:
    cell = Shared(value)
    assert cell.load() == value
    assert type(cell.load()) is type(value)


class Plain:
    pass


@pytest.mark.parametrize("value", [[], {}, set(), (1, []), Plain(), object(), lambda: 0, Plain])
def test_anything_else_is_refused_with_what_to_use_instead(value: Any) -> None:
    with pytest.raises(ScenarioError, match=r"a shared cell cannot hold .*: it is not a plain hashable value. Use num"):
        Shared(0).store(value)


class VM(Enrolled):
    def __init__(self) -> None:
        super().__init__()
        self.lock = Mutex()


class Machines:
    def __init__(self) -> None:
        self.first, self.second = VM(), VM()
        self.current = Shared(self.first)
        self.both = Shared((self.first, self.second))


def test_an_object_of_the_world_comes_back_as_itself_in_every_run() -> None:
    def swap(w: Machines) -> None:
        w.current.store(w.second)

    def use(w: Machines) -> None:
        vm = w.current.load()
        assert vm is w.first or vm is w.second
        assert w.both.load() == (w.first, w.second)
        with vm.lock:
            pass

    found = explore(Scenario(Machines, swap, use))
    assert (found.verdict, found.search) == ("proven", "states")
    assert replay(Scenario(Machines, swap, use), "1-2-2-2").schedule[3].resource == "second.lock"


def test_one_and_true_and_one_point_zero_are_different_values() -> None:
    """Equal in Python, but a task can tell them apart."""

    def store(w: World) -> None:
        w.cell.store(1)
        w.cell.store(True)
        w.cell.store(1.0)

    def look(w: World) -> None:
        assert type(w.cell.load()) is not float

    found = explore(Scenario(World, store, look))
    assert found.verdict == "failed"
    assert found.failures[0].replay == "1-1-1-2"


def test_one_and_true_differ_inside_a_tuple_too() -> None:
    def store(w: World) -> None:
        w.cell.store((1,))
        w.cell.store((True,))

    def look(w: World) -> None:
        value = w.cell.load()
        assert value == 0 or type(value[0]) is int

    assert explore(Scenario(World, store, look), by="traces").verdict == "failed"
    assert explore(Scenario(World, store, look), by="states").verdict == "failed"


def test_it_is_described_by_its_value() -> None:
    assert Shared.describe(3) == {"value": 3}
