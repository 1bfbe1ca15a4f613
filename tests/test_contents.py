"""Which elements of a container have changed."""

from __future__ import annotations

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from kvmlab.contents import Contents

ALL = [""]
CASES: list[tuple[Any, Callable[[Any], object], list[str]]] = [
    ([1, 2], lambda it: it.append(3), ALL),
    ([1, 2], lambda it: it.reverse(), ["[0]", "[1]"]),
    ([1, 2], lambda it: it.__setitem__(1, 3), ["[1]"]),
    ([1, 2], lambda it: it.__setitem__(1, 2), []),
    ([[]], lambda it: it[0].append(1), []),
    ([[]], lambda it: it.__setitem__(0, []), ["[0]"]),
    ({"a": 1}, lambda it: it.update(a=2), ["['a']"]),
    ({"a": 1}, lambda it: it.update(b=2), ALL),
    ({"a": 1}, lambda it: it.update(b=it.pop("a")), ALL),
    (OrderedDict(a=1), lambda it: it.update(a=0), ["['a']"]),
    (defaultdict(int), lambda it: it["new"], ALL),
    ({1, 2}, lambda it: it.add(3), ALL),
    ({1, 2}, lambda it: (it.discard(1), it.add(4)), ALL),
    (deque([1, 2]), lambda it: it.rotate(1), ["[0]", "[1]"]),
    (bytearray(b"ab"), lambda it: it.__setitem__(0, 98), ["[0]"]),
    (SimpleNamespace(a=1), lambda it: setattr(it, "a", 2), ["['a']"]),
    (SimpleNamespace(a=1), lambda it: setattr(it, "b", 2), ALL),
]


@pytest.mark.parametrize(("thing", "change", "changed"), CASES)
def test_what_changed_is_named_once(thing: Any, change: Callable[[Any], object], changed: list[str]) -> None:
    contents = Contents("w.it", thing, None, "")
    assert contents.changed() == []
    change(thing)
    assert contents.changed() == changed
    contents.renew()
    assert contents.changed() == []


def test_an_element_that_compares_to_nothing_is_compared_by_identity() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise RuntimeError("not comparable")

    contents = Contents("w.it", {"a": Odd()}, None, "")
    assert contents.changed() == []
    contents.thing["a"] = Odd()
    assert contents.changed() == ["['a']"]
