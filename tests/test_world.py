"""What things are called, and how objects of one run stand for themselves in another."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from kvmlab import Mutex, Scenario, Shared, explore, replay
from kvmlab.errors import NeedsTraces, ScenarioError
from kvmlab.world import Enrolled, Home, Ref, decode, encode, same


class VM(Enrolled):
    """An object that tasks pass around, with a name of its own if it is given one."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__()
        if name is not None:
            self.name = name
        self.slots_lock = Mutex()


def labels(make: Callable[[], Any]) -> list[str]:
    """The labels of everything that a world makes, in the order in which it is made."""
    _, home = Scenario(make, lambda w: None).fresh()
    return [member.label for member in home.members.values()]


def test_a_lock_is_called_by_the_attribute_that_holds_it() -> None:
    class World:
        def __init__(self) -> None:
            self.kvm_lock, self.srcu = Mutex(), Mutex()

    assert labels(World) == ["kvm_lock", "srcu"]


def test_a_lock_in_an_object_is_called_by_its_path() -> None:
    class Inner:
        def __init__(self) -> None:
            self.lock = Mutex()

    class World:
        def __init__(self) -> None:
            self.vm = VM()
            self.inner = Inner()

    assert labels(World) == ["vm", "vm.slots_lock", "inner.lock"]


@pytest.mark.parametrize("kind", [list, tuple, deque])
def test_a_lock_in_a_sequence_is_called_by_its_index(kind: Callable[[Any], Any]) -> None:
    class World:
        def __init__(self) -> None:
            self.forks = kind([Mutex(), Mutex()])
            self.rows = kind([kind([Mutex()])])

    assert labels(World) == ["forks[0]", "forks[1]", "rows[0][0]"]


def test_a_lock_in_a_dict_is_called_by_its_key() -> None:
    class World:
        def __init__(self) -> None:
            self.locks = {"a": Mutex(), 7: Mutex()}

    assert labels(World) == ["locks['a']", "locks[7]"]


def test_a_world_may_itself_be_a_dict_a_list_or_a_lock() -> None:
    assert labels(lambda: {"a": Mutex()}) == ["a"]
    assert labels(lambda: [Mutex(), Mutex()]) == ["[0]", "[1]"]
    assert labels(Mutex) == ["Mutex"]


def test_a_lock_in_a_slot_is_called_by_it() -> None:
    class World:
        __slots__ = ("lock",)

        def __init__(self) -> None:
            self.lock = Mutex()

    assert labels(World) == ["lock"]


def test_an_object_with_a_name_of_its_own_is_called_by_it_and_so_are_its_locks() -> None:
    class World:
        def __init__(self) -> None:
            self.vms = [VM("red"), VM("blue"), VM()]

    assert labels(World) == [
        "red", "red.slots_lock", "blue", "blue.slots_lock", "vms[2]", "vms[2].slots_lock"
    ]  # fmt: skip


def test_a_lock_that_is_held_in_two_places_is_called_by_the_nearer_one() -> None:
    class World:
        def __init__(self) -> None:
            self.deep = [[Mutex()]]
            self.near = self.deep[0][0]

    assert labels(World) == ["near"]


def test_a_lock_that_the_world_does_not_keep_is_called_by_what_it_is_and_its_turn() -> None:
    class World:
        def __init__(self) -> None:
            self.seen = Mutex()
            self.hidden = {Mutex()}

    assert labels(World) == ["seen", "Mutex 2"]


def test_a_lock_that_a_task_makes_is_called_by_the_task() -> None:
    def maker(w: object) -> None:
        with Mutex(), Mutex():
            pass

    schedule = replay(Scenario(object, maker), "1-1").schedule
    assert [step.resource for step in schedule] == ["maker's Mutex 1", "maker's Mutex 2"]


def test_a_world_that_holds_itself_is_named_once() -> None:
    class World:
        def __init__(self) -> None:
            self.me = self
            self.lock = Mutex()

    assert labels(World) == ["lock"]


def test_outside_a_scenario_a_lock_is_called_by_what_it_is() -> None:
    m = Mutex()
    assert (m.label, repr(m), str(m.made_at).partition(" line")[0]) == (
        "Mutex", "<Mutex Mutex>", "test_outside_a_scenario_a_lock_is_called_by_what_it_is, test_world.py"
    )  # fmt: skip


def test_an_object_stands_in_a_value_by_its_key() -> None:
    class World:
        def __init__(self) -> None:
            self.vm = VM()

    world, home = Scenario(World, lambda w: None).fresh()
    other, elsewhere = Scenario(World, lambda w: None).fresh()
    assert encode(world.vm) == Ref(world.vm.key) == encode(other.vm)
    assert decode(encode((1, world.vm)), home) == (1, world.vm)
    assert decode(encode(world.vm), elsewhere) is other.vm


def test_an_object_that_another_task_made_needs_the_search_by_traces() -> None:
    with pytest.raises(NeedsTraces, match="maker makes an object that other tasks use"):
        decode(Ref(("maker", 0)), Home())


class Listed:
    """A list of VMs that tasks add to."""

    def __init__(self) -> None:
        self.newest = Shared(None)


def creates(w: Listed) -> None:
    w.newest.store(VM())


def visits(w: Listed) -> None:
    vm = w.newest.load()
    if vm is not None:
        with vm.slots_lock:
            raise ValueError("visited")


def test_a_vm_that_one_task_makes_and_another_visits_is_explored_by_traces() -> None:
    found = explore(Scenario(Listed, creates, visits))
    assert (found.search, found.verdict) == ("traces", "failed")
    assert found.why.startswith("creates makes an object that other tasks use")
    with pytest.raises(ScenarioError, match="creates makes an object that other tasks use"):
        explore(Scenario(Listed, creates, visits), by="states")


def test_a_task_cannot_hide_from_the_search_that_it_met_such_an_object() -> None:
    """A bare ``except Exception`` around the load must not turn into a proof."""

    def visits_bravely(w: Listed) -> None:
        try:
            vm = w.newest.load()
        except Exception:
            return
        if vm is not None:
            raise ValueError("visited")

    found = explore(Scenario(Listed, creates, visits_bravely))
    assert (found.search, found.verdict) == ("traces", "failed")


class Pair(NamedTuple):
    vm: object
    turn: object


@dataclass(frozen=True)
class Frozen:
    vm: object


class Cells:
    def __init__(self) -> None:
        self.vm = VM("vm0")
        self.cell = Shared(Pair(self.vm, 1))


def test_a_named_tuple_stands_in_a_value_with_the_objects_in_it() -> None:
    def reads(w: Cells) -> None:
        pair = w.cell.load()
        assert pair.vm is w.vm
        assert pair.turn in {1}

    def writes(w: Cells) -> None:
        w.cell.store(Pair(w.vm, True))

    for by in ("states", "traces"):
        assert explore(Scenario(Cells, reads, writes), by=by).verdict == "proven"


def test_one_and_true_are_two_values_in_a_named_tuple_too() -> None:
    def writes(w: Cells) -> None:
        w.cell.store(Pair(None, True))

    def tells(w: Cells) -> None:
        assert w.cell.load().turn is not True

    for by in ("states", "traces"):
        assert explore(Scenario(Cells, writes, tells), by=by).verdict == "failed"


def test_an_object_inside_something_else_is_refused_with_what_to_do() -> None:
    with pytest.raises(ScenarioError, match=r"cannot hold Frozen with .* in it: .* Put a tuple there"):
        explore(_freezes())


def _freezes() -> Scenario:
    class Holds:
        def __init__(self) -> None:
            self.cell = Shared(Frozen(VM("vm0")))

    return Scenario(Holds, lambda w: w.cell.load())


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (float("nan"), float("nan"), True),
        ((1, float("nan")), (1, float("nan")), True),
        ([1], [1, 2], False),
        (1, 2, False),
        (float("nan"), 1.0, False),
    ],
)
def test_results_are_the_same_when_they_are_equal_or_both_no_number(one: object, other: object, alike: bool) -> None:
    assert same(one, other) is alike
