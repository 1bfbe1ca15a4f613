"""The dependency graph of lockdep, drawn and in words."""

from __future__ import annotations

import re
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from kvmlab import SRCU, Mutex, Scenario, ScenarioError, draw, explore, lockdep


def world() -> SimpleNamespace:
    return SimpleNamespace(x=Mutex(), y=Mutex(), srcu=SRCU(), forks=[Mutex(), Mutex()])


def through(w: Any) -> None:
    with w.x, w.srcu.read(), w.y:
        pass


def back(w: Any) -> None:
    with w.y, w.x:
        pass


def both_forks(w: Any) -> None:
    with w.forks[0], w.forks[1]:
        pass


def test_the_circle_comes_first_and_its_last_arrow_is_new() -> None:
    picture = draw.lockdep(lockdep(Scenario(world, through, back, name="two")))
    assert str(picture) == dedent("""\
        two, dependencies of lock classes: a circle of 2.
          x  -(EN)->  y  through
          y  -(EN)->  x  back, new
        Besides:
          x     -(ER)->  srcu  through
          srcu  -(SN)->  y     through""")


def test_what_is_recorded_without_a_circle() -> None:
    picture = draw.lockdep(lockdep(Scenario(world, through, back, name="two"), "6.12"))
    assert str(picture) == dedent("""\
        two, dependencies of lock classes: no circle.
          x     -(ER)->  srcu  through
          srcu  -(SN)->  y     through
          y     -(EN)->  x     back""")
    assert "kl-cycle" not in picture.svg


def test_a_class_under_itself_is_a_circle_of_one() -> None:
    picture = draw.lockdep(lockdep(Scenario(world, both_forks, name="table")))
    assert str(picture).splitlines()[1] == "  &forks[i]  ->  &forks[i]  both_forks, new"
    assert picture.svg.count("kl-cycle") == 1


def test_nothing_recorded() -> None:
    assert (
        str(draw.lockdep(lockdep(Scenario(world, lambda w: None, name="w"))))
        == "w: lockdep has recorded no dependency."
    )


def test_every_arrow_is_drawn_once_and_the_circle_stands_out() -> None:
    svg = draw.lockdep(lockdep(Scenario(world, through, back))).svg
    assert len(re.findall(r'class="kl-order', svg)) == 4
    assert svg.count("kl-cycle") == 2


def test_of_all_orders_one_is_to_be_chosen() -> None:
    orders = lockdep(Scenario(world, through, back), order="every")
    with pytest.raises(ScenarioError, match=re.escape("write draw.lockdep(orders[('through', 'back')])")):
        draw.lockdep(orders)  # type: ignore[arg-type]
    assert "a circle of 2" in str(draw.lockdep(orders["through", "back"]))


@pytest.mark.parametrize(
    ("given", "called"),
    [
        (None, "None"),
        ([], "[]"),
        (Scenario, "<class 'kvmlab.scenario.Scenario'>"),
        (Scenario(world, back), "a Scenario"),
        (explore(Scenario(world, back)), "an Exploration"),
    ],
)
def test_what_is_no_history_is_refused(given: Any, called: str) -> None:
    said = f"lockdep draws what lockdep(scenario) returned, not {called}: write draw.lockdep(lockdep(scenario))"
    with pytest.raises(ScenarioError, match=re.escape(said)):
        draw.lockdep(given)


def test_the_caption_stands_below() -> None:
    picture = draw.lockdep(lockdep(Scenario(world, through, back)), caption="Two mutexes.")
    assert "<figcaption>Two mutexes.</figcaption>" in picture._repr_html_()
