"""What each task does, found once: its tree of operations and results, and the values of the resources."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from kvmlab import Mutex, Scenario, Shared
from kvmlab.behaviours import Behaviours, exact


class Pair(NamedTuple):
    one: object


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        ((1,), (True,)),
        (((1, 2),), ((1, 2.0),)),
        (frozenset({1}), frozenset({True})),
        (Pair(1), Pair(True)),
        (Pair((1,)), Pair((1.0,))),
    ],
)
def test_values_that_are_equal_but_not_the_same_have_different_keys(one: object, other: object) -> None:
    assert one == other
    assert exact(one) != exact(other)
    assert exact(one) == exact(one)


class World:
    def __init__(self) -> None:
        self.m = Mutex()
        self.cell = Shared(0)


def looks(w: World) -> None:
    with w.m:
        if w.cell.load():
            w.cell.store(2)


def test_a_task_is_known_as_far_as_somebody_has_asked() -> None:
    known = Behaviours(Scenario(World, looks))
    tree = known.trees[0]
    assert [(node.operation.name if node.operation else "end") for node in tree] == ["lock"]
    loads = known.child(0, 0, None, False)
    no, yes = known.child(0, loads, 0, False), known.child(0, loads, 1, False)
    assert [tree[at].operation.name for at in (loads, no, yes)] == ["load", "unlock", "store"]  # type: ignore[union-attr]
    assert known.child(0, loads, 1, False) == yes
    known.close()


def test_the_first_value_of_a_resource_has_the_number_0() -> None:
    known = Behaviours(Scenario(World, looks))
    assert [resource.label for resource in known.resources] == ["m", "cell"]
    assert (known.value_number(1, 0), known.value_number(1, 7), known.value_number(1, 7)) == (0, 1, 1)
    assert known.value_number(1, False) == 2
    known.close()
