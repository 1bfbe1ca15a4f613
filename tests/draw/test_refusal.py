"""How an error names what cannot be drawn: on one line, the same in every run."""

from __future__ import annotations

import pytest

from kvmlab import ScenarioError, draw, explore, lockdep, state_graph
from kvmlab.draw.refusal import named
from tests.draw.worlds import CROSSED, TwoLocks

FOUND = explore(CROSSED)


@pytest.mark.parametrize(
    ("given", "called"),
    [
        (None, "None"),
        ("1-2", "'1-2'"),
        ([1, 2], "[1, 2]"),
        (TwoLocks, "<class 'tests.draw.worlds.TwoLocks'>"),
        (TwoLocks(), "<tests.draw.worlds.TwoLocks object>"),
        (list(range(100)), "a list"),
        (FOUND.deadlocks, "a tuple"),
        (FOUND, "an Exploration"),
        (lockdep(CROSSED), "a History"),
        (state_graph(CROSSED), "a StateGraph"),
    ],
)
def test_code_stands_if_it_is_short_and_the_type_of_a_result(given: object, called: str) -> None:
    assert named(given) == called


@pytest.mark.parametrize("given", [None, TwoLocks, [FOUND], FOUND.deadlocks, lockdep(CROSSED, order="every")])
@pytest.mark.parametrize("function", [draw.chart, draw.lock_order, draw.lockdep, draw.states, draw.waits])
def test_every_drawing_refuses_in_one_sentence_what_it_cannot_draw(function: object, given: object) -> None:
    with pytest.raises(ScenarioError, match=r"\A.*\Z") as caught:
        function(given)  # type: ignore[operator]
    assert len(str(caught.value)) < 200
