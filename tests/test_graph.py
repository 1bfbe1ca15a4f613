"""The state graph as columns: consistent with itself, with the search, and with replay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import comb
from typing import Any

import pytest

from kvmlab import Completion, Mutex, Refcount, Scenario, ScenarioError, Shared, explore, replay, state_graph
from kvmlab.graph import StateGraph
from tests.oracles.programs import larger_program, program
from tests.oracles.worlds import CONFIGURATIONS


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()


def ab(w: World) -> None:
    with w.a, w.b:
        pass


def ba(w: World) -> None:
    with w.b, w.a:
        pass


OPPOSITE = Scenario(World, ab, ba)


def test_the_graph_of_two_locks_in_opposite_order() -> None:
    graph = state_graph(OPPOSITE)
    assert repr(graph) == "<StateGraph: 19 states, 2 tasks, 2 resources>"
    assert (graph.tasks, graph.resources) == (("ab", "ba"), ("a", "b"))
    assert (graph.ahead[0], graph.dead_ahead[0]) == (6, 2)
    assert graph.nearest_deadlock is not None
    assert graph.way_to(graph.nearest_deadlock) == [0, 1]


def test_a_place_says_what_the_task_stands_before_and_why_it_would_wait() -> None:
    graph = state_graph(OPPOSITE)
    dead = graph.nearest_deadlock
    assert dead is not None
    place = graph.places[0][graph.stands[0][dead]]
    assert (place.operation, place.resource, place.ended) == ("lock", "b", "")
    assert place.location is not None
    assert place.location.text == "with w.a, w.b:"
    assert place.reasons[graph.values[1][dead]] == ("ba holds it", ("ba",))
    assert graph.meaning("b", dead) == {"owner": "ba"}


@pytest.mark.parametrize(
    ("resource", "state", "message"),
    [
        ("c", 0, "no resource 'c' here; there are a, b"),
        ("a", 19, "state is a whole number from 0 to 18, not 19"),
        ("a", -1, "state is a whole number from 0 to 18, not -1"),
        ("a", "dead", "state is a whole number from 0 to 18, not 'dead'"),
    ],
)
def test_the_meaning_of_what_is_not_there_is_refused(resource: str, state: Any, message: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(message)):
        state_graph(OPPOSITE).meaning(resource, state)


def test_the_last_place_of_a_task_is_its_end() -> None:
    graph = state_graph(OPPOSITE)
    done = graph.kinds.index("done")
    ends = [graph.places[task][graph.stands[task][done]] for task in (0, 1)]
    assert [(end.operation, end.resource, end.location, end.ended) for end in ends] == [("", "", None, "done")] * 2


def differing(columns: Sequence[Sequence[int]], state: int, other: int) -> list[int]:
    """The columns in which two states differ."""
    return [number for number, column in enumerate(columns) if column[state] != column[other]]


def consistent(graph: StateGraph, scenario: Scenario) -> None:
    """Everything that must hold between the columns."""
    count = len(graph)
    columns = [*graph.moves, *graph.stands, *graph.values, graph.kinds, graph.ahead, graph.dead_ahead, graph.parents]
    assert {len(column) for column in columns} == {count}
    assert graph.parents[0] == (-1, -1)
    for state in range(count):
        following = [column[state] for column in graph.moves if column[state] >= 0]
        assert all(other > state for other in following), "a state never comes before one that leads to it"
        assert (graph.kinds[state] == "open") == bool(following)
        if following:
            assert graph.ahead[state] == sum(graph.ahead[other] for other in following)
            assert graph.dead_ahead[state] == sum(graph.dead_ahead[other] for other in following)
        else:
            assert graph.ahead[state] == 1
            assert graph.dead_ahead[state] == (graph.kinds[state] == "dead")
        if state:
            parent, task = graph.parents[state]
            assert graph.moves[task][parent] == state
            assert len(graph.way_to(state)) == len(graph.way_to(parent)) + 1
        for task, column in enumerate(graph.moves):
            place = graph.places[task][graph.stands[task][state]]
            number = graph.resources.index(place.resource) if place.resource else -1
            waits = number >= 0 and graph.values[number][state] in place.reasons
            if graph.kinds[state] != "failed":
                assert (column[state] >= 0) == (not place.ended and not waits)
            if column[state] >= 0:  # a move changes its own task, and one value at most
                assert differing(graph.stands, state, column[state]) == [task]
                assert differing(graph.values, state, column[state]) in ([], [number])
    found = explore(scenario, by="states")
    assert (count, graph.ahead[0], graph.dead_ahead[0]) == (found.states, found.schedules, found.deadlocked)


@pytest.mark.parametrize("first", range(40_000, 40_150, 25))
def test_the_columns_agree_with_each_other_and_with_the_search(first: int) -> None:
    for seed in range(first, first + 25):
        for one in (program(seed), larger_program(seed)):
            consistent(state_graph(one.scenario), one.scenario)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_columns_of_the_circle_agree(name: str) -> None:
    consistent(state_graph(CONFIGURATIONS[name]), CONFIGURATIONS[name])


def test_every_state_is_what_a_replay_of_its_way_comes_to() -> None:
    kinds = {"open": "not finished", "done": "finished", "dead": "deadlock", "failed": "failed"}
    for seed in range(40_000, 40_060):
        one = program(seed)
        graph = state_graph(one.scenario)
        for state in range(len(graph)):
            way = "-".join(str(task + 1) for task in graph.way_to(state))
            replayed = replay(one.scenario, way)
            assert replayed.verdict == kinds[graph.kinds[state]], one
            movable = tuple(task for task, column in zip(graph.tasks, graph.moves, strict=True) if column[state] >= 0)
            assert replayed.movable == movable, one


def test_independent_tasks_make_every_interleaving() -> None:
    class Own:
        def __init__(self) -> None:
            self.cells = [Shared(0), Shared(0)]

    def left(w: Own) -> None:
        for _ in range(5):
            w.cells[0].load()

    def right(w: Own) -> None:
        for _ in range(5):
            w.cells[1].load()

    graph = state_graph(Scenario(Own, left, right))
    assert (len(graph), graph.ahead[0]) == (36, comb(10, 5))


def test_a_world_that_fails_at_once_has_one_state() -> None:
    def raises(w: World) -> None:
        raise ValueError("at once")

    graph = state_graph(Scenario(World, ab, raises))
    assert (len(graph), graph.kinds, graph.ahead) == (1, ("failed",), (1,))
    assert graph.nearest_deadlock is None


def test_a_freed_resource_is_called_freed() -> None:
    from kvmlab.operation import free

    def frees(w: World) -> None:
        free(w.a)

    graph = state_graph(Scenario(World, frees))
    assert {"freed": True} in graph.meanings[graph.resources.index("a")]


def test_why_a_task_waits_that_waits_for_nobody() -> None:
    class Waits:
        def __init__(self) -> None:
            self.done, self.count = Completion(), Refcount()

    def waits(w: Waits) -> None:
        w.done.wait()

    graph = state_graph(Scenario(Waits, waits))
    assert graph.places[0][0].reasons == {0: ("nobody has completed it", ())}


def test_a_graph_that_is_too_large_is_refused() -> None:
    with pytest.raises(ScenarioError, match="World has more than 5 states; take fewer tasks, or raise max_states"):
        state_graph(OPPOSITE, max_states=5)
    with pytest.raises(ScenarioError, match="max_states is a whole number from 1, not '5'"):
        state_graph(OPPOSITE, max_states="5")  # type: ignore[arg-type]


def test_a_world_with_plain_data_has_no_graph() -> None:
    def writes(w: World) -> None:
        with w.a:
            w.seen = 1  # type: ignore[attr-defined]

    with pytest.raises(ScenarioError, match=r"writes writes plain data, w\.seen"):
        state_graph(Scenario(World, writes))
