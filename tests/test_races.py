"""Plain data that two tasks touch with nothing that orders them; and watching that changes nothing else."""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from kvmlab import Completion, Mutex, Scenario, Shared, explore
from kvmlab.kvm import VM


@dataclasses.dataclass
class Data:
    x: int = 1


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: int = 1


class Pair(NamedTuple):
    x: int


class Colour(enum.Enum):
    RED = 1


class Slotted:
    __slots__ = ("x",)

    def __init__(self) -> None:
        self.x = 0


class World:
    kind = "of the class"

    def __init__(self) -> None:
        self.m = Mutex()
        self.done = Completion()
        self.n = 0
        self.data, self.frozen, self.pair, self.colour, self.slotted = Data(), Frozen(), Pair(1), Colour.RED, Slotted()
        self.inner = [Data(), Data()]
        self.items: list[int] = []
        self.grid = [[0], [0]]
        self.flags = {"ready": False}
        self.bag: set[int] = set()
        self.queue: deque[int] = deque()
        self.names = SimpleNamespace(first="a")
        self._hidden = 0

    @property
    def hidden(self) -> int:
        return self._hidden

    @hidden.setter
    def hidden(self, value: int) -> None:
        self._hidden = value


def guarded(change: Callable[[World], object]) -> Callable[[World], None]:
    def task(w: World) -> None:
        with w.m:
            change(w)

    return task


def bare(change: Callable[[World], object]) -> Callable[[World], None]:
    def task(w: World) -> None:
        with w.m:
            pass
        change(w)

    return task


CHANGES: list[tuple[str, Callable[[World], Any]]] = [
    ("w.n", lambda w: setattr(w, "n", w.n + 1)),
    ("w.data.x", lambda w: setattr(w.data, "x", 2)),
    ("w.inner[1].x", lambda w: setattr(w.inner[1], "x", 2)),
    ("w.slotted.x", lambda w: setattr(w.slotted, "x", 2)),
    ("w._hidden", lambda w: setattr(w, "hidden", w.hidden + 1)),
    ("w.kind", lambda w: setattr(w, "kind", "of the object")),
    ("w.new", lambda w: setattr(w, "new", 1)),
    ("w.items", lambda w: w.items.append(1)),
    ("w.grid", lambda w: w.grid[1].append(w.grid[0][0])),
    ("w.flags", lambda w: w.flags.update(ready=not w.flags["ready"])),
    ("w.bag", lambda w: w.bag.add(len(w.bag))),
    ("w.queue", lambda w: w.queue.append(1)),
    ("w.names", lambda w: setattr(w.names, "first", w.names.first + "b")),
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_two_writes_that_nothing_orders_are_a_race_and_under_one_lock_they_are_not(
    name: str, change: Callable[[World], Any]
) -> None:
    found = explore(Scenario(World, bare(change), bare(change)))
    assert found.verdict == "failed"
    assert {failure.kind for failure in found.failures} == {"race"}
    assert any(f" {name} and " in failure.message for failure in found.failures)
    assert explore(Scenario(World, guarded(change), guarded(change))).verdict == "proven"


def test_a_completion_orders_what_came_before_it() -> None:
    def makes(w: World) -> None:
        w.n = 1
        w.done.complete()

    def uses(w: World) -> None:
        w.done.wait()
        assert w.n == 1

    def uses_too_early(w: World) -> None:
        assert w.n in (0, 1)
        w.done.wait()

    assert explore(Scenario(World, makes, uses)).verdict == "proven"
    (failure,) = explore(Scenario(World, makes, uses_too_early)).failures
    assert failure.kind == "race"
    assert {failure.location.function, failure.also.function} == {"makes", "uses_too_early"}  # type: ignore[union-attr]


def test_of_several_pairs_in_one_race_it_is_the_first_tasks_write_that_is_told() -> None:
    """Whichever pair the search meets first, and whoever it lets go first."""

    class Count:
        def __init__(self) -> None:
            self.a, self.b = Mutex(), Mutex()
            self.count = 0

    def up(w: Count) -> None:
        with w.a:
            w.count += 1

    def down(w: Count) -> None:
        with w.b:
            w.count -= 1

    for tasks in ((up, down), (down, up)):
        (failure,) = explore(Scenario(Count, *tasks)).failures
        first, second = (task.__name__ for task in tasks)
        assert failure.message.startswith(f"{first} writes w.count and {second} reads it, and nothing orders the two")


def test_two_reads_are_no_race() -> None:
    def reads(w: World) -> None:
        assert w.n == 0

    def writes_its_own(w: World) -> None:
        w.data.x = 3

    assert explore(Scenario(World, reads, reads, writes_its_own)).verdict == "proven"


LOOKS: list[Callable[[World], object]] = [
    lambda w: w.data == Data(),
    lambda w: w.frozen == Frozen() and w.frozen in {Frozen()},
    lambda w: w.pair == (1,) and w.colour is Colour.RED,
    lambda w: copy.deepcopy(w.data) == Data(),
    lambda w: isinstance(w, World) and w.__class__ is World,
    lambda w: dataclasses.replace(w.frozen, x=2) == Frozen(2),
    lambda w: repr(w.data) == "Data(x=1)",
    lambda w: w.kind == "of the class" and World.kind == "of the class",
    lambda w: not hasattr(w, "missing"),
    lambda w: sorted(vars(w.data)) == ["x"],
]


@pytest.mark.parametrize("look", LOOKS)
def test_a_watched_object_looks_as_it_always_did(look: Callable[[World], object]) -> None:
    def task(w: World) -> None:
        with w.m:
            w.n += 1
            w.data.x = 1
            assert look(w)

    found = explore(Scenario(World, task, task))
    assert (found.search, found.verdict) == ("traces", "proven"), found.failures


def test_whoever_looks_into_a_list_races_with_whoever_changes_it_in_any_order_of_the_tasks() -> None:
    def adds(w: World) -> None:
        w.items.append(1)

    def waits_if_empty(w: World) -> None:
        if not w.items:
            w.done.wait()

    for tasks in ((adds, waits_if_empty), (waits_if_empty, adds)):
        found = explore(Scenario(World, *tasks))
        races = [failure for failure in found.failures if failure.kind == "race"]
        assert [{failure.location.function, failure.also.function} for failure in races] == [  # type: ignore[union-attr]
            {"adds", "waits_if_empty"}
        ]


def test_two_elements_that_were_there_before_are_two_places() -> None:
    def sets(place: int) -> Callable[[World], None]:
        def task(w: World) -> None:
            with w.m:
                pass
            w.grid[place] = [place + 1]

        return task

    def looks(w: World) -> None:
        with w.m:
            pass
        assert len(w.grid) == 2

    assert explore(Scenario(World, sets(0), sets(1))).verdict == "proven"
    assert {one.kind for one in explore(Scenario(World, sets(0), sets(0))).failures} == {"race"}
    assert {one.kind for one in explore(Scenario(World, sets(0), looks)).failures} == {"race"}


def test_a_list_that_a_task_has_put_there_is_watched_like_the_first_one() -> None:
    def exchanges(w: World) -> None:
        with w.m:
            w.items = []
        w.items.append(1)

    found = explore(Scenario(World, exchanges, exchanges))
    assert {failure.kind for failure in found.failures} == {"race"}


def test_a_list_changed_through_another_name_is_a_write_all_the_same() -> None:
    def adds(w: World) -> None:
        with w.m:
            items = w.items
        items.append(1)

    found = explore(Scenario(World, adds, adds))
    assert {failure.kind for failure in found.failures} == {"race"}
    assert {failure.location.function for failure in found.failures if failure.location} == {"adds"}


def test_a_namespace_as_the_world_is_watched_too() -> None:
    def world() -> SimpleNamespace:
        return SimpleNamespace(m=Mutex(), ready=False)

    def sets(w: Any) -> None:
        w.ready = True

    def looks(w: Any) -> None:
        with w.m:
            assert not w.ready

    for tasks in ((sets, looks), (looks, sets)):
        assert "race" in {failure.kind for failure in explore(Scenario(world, *tasks)).failures}


class Machine:
    """A world with a VM, and a cell for one that a task makes."""

    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()
        self.vm = VM("vm0")
        self.vm.dirty = False  # type: ignore[attr-defined]
        self.cell = Shared(None)


def marks(w: Machine) -> None:
    with w.a:
        pass
    w.vm.dirty = True  # type: ignore[attr-defined]
    with w.a:
        pass


def sees_no_mark(w: Machine) -> None:
    with w.b:
        pass
    dirty = w.vm.dirty  # type: ignore[attr-defined]
    with w.b:
        pass
    assert not dirty


@pytest.mark.parametrize("tasks", [(marks, sees_no_mark), (sees_no_mark, marks)])
def test_an_attribute_of_a_vm_is_watched_in_any_order_of_the_tasks(tasks: tuple[Any, Any]) -> None:
    found = explore(Scenario(Machine, *tasks))
    assert [failure.kind for failure in found.failures] == ["race"]
    assert "w.vm.dirty" in found.failures[0].message


def makes(w: Machine) -> None:
    vm = VM("vm1")
    vm.dirty = False  # type: ignore[attr-defined]
    w.cell.store(vm)
    vm.dirty = True  # type: ignore[attr-defined]
    with w.a:
        pass


def visits(w: Machine) -> None:
    vm = w.cell.load()
    with w.b:
        pass
    assert vm is None or vm.dirty in {True, False}


@pytest.mark.parametrize("tasks", [(makes, visits), (visits, makes)])
def test_a_vm_that_a_task_makes_and_shares_by_a_cell_is_watched_too(tasks: tuple[Any, Any]) -> None:
    found = explore(Scenario(Machine, *tasks))
    assert [failure.kind for failure in found.failures] == ["race"]
