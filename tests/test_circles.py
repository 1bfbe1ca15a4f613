"""Circles, against all simple ways around in small graphs."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from kvmlab.circles import reachable, shortest_circle

NAMES = "abcde"
GRAPHS = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), unique=True, max_size=4))


def circles(ahead: dict[str, list[str]]) -> set[tuple[str, ...]]:
    """Every circle that meets no name twice, from each of its names."""
    return {
        way
        for length in range(1, len(NAMES) + 1)
        for way in permutations(NAMES, length)
        if all(after in ahead.get(name, ()) for name, after in zip(way, (*way[1:], way[0]), strict=True))
    }


@given(GRAPHS)
def test_the_circle_is_one_and_none_is_shorter(ahead: dict[str, list[str]]) -> None:
    known = circles(ahead)
    found = tuple(shortest_circle(ahead))
    if known:
        assert found in known
        assert len(found) == min(map(len, known))
    else:
        assert found == ()


@given(GRAPHS)
def test_who_reaches_itself_is_on_a_walk_that_comes_back(ahead: dict[str, list[str]]) -> None:
    found = reachable(ahead)
    assert {name for name in ahead if name in found[name]} == {name for way in circles(ahead) for name in way}


def test_of_two_circles_as_short_the_one_that_begins_first_is_taken() -> None:
    assert shortest_circle({"x": ["y"], "y": ["x"], "a": ["b"], "b": ["a"]}) == ["x", "y"]
    assert shortest_circle({"x": ["y"], "y": ["x", "y"]}) == ["y"]
