"""Picking a variant: a table for the record, all results on the page, one at a time in the notebook."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab import Mutex, Scenario, explore
from kvmlab.practice import Pick


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()


def ab(w: Any) -> None:
    with w.a, w.b:
        pass


def ba(w: Any) -> None:
    with w.b, w.a:
        pass


def orders() -> Pick:
    return Pick({"same order": Scenario(World, ab, ab), "opposite `orders`": Scenario(World, ab, ba)})


def test_text_is_a_table_of_verdicts() -> None:
    assert repr(orders()) == (
        "  same order       proven, in all 2 schedules\n  opposite orders  deadlock, in 2 of 6 schedules"
    )


def test_a_verdict_without_a_count_is_the_first_line_of_its_text() -> None:
    with_budget = Pick({"one": Scenario(World, ab, ba)}, lambda scenario: explore(scenario, max_states=2))
    assert repr(with_budget).startswith("  one  not finished, so nothing is proven.")


def test_results_can_be_asserted_by_name() -> None:
    pick = orders()
    assert pick.verdicts == {"same order": "proven", "opposite `orders`": "deadlock"}
    assert pick["same order"].schedules == 2
    with pytest.raises(KeyError, match="no variant is called 'x'; the variants are same order"):
        pick["x"]


def test_bundle_has_text_page_and_widget() -> None:
    bundle = orders()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}


def test_page_shows_every_variant_with_its_verdict_without_a_script() -> None:
    page = orders().page()
    assert "<script" not in page
    assert page.count("<details") == 2
    assert "opposite <code>orders</code>: <span" in page
    assert "ab waits for b: ba holds it." in page


def test_widget_shows_what_is_picked() -> None:
    names, shown = orders().widget.children
    assert "proven" in shown.value
    names.value = "opposite `orders`"
    assert "ab waits for b: ba holds it." in shown.value


def test_every_variant_is_explored_once() -> None:
    asked: list[int] = []

    def show(number: int) -> str:
        asked.append(number)
        return f"{number} is odd" if number % 2 else f"{number} is even\nand so on"

    pick = Pick({"one": 1, "two": 2}, show)
    for _ in range(2):
        pick._repr_mimebundle_()
    assert asked == [1, 2]
    assert pick.verdicts == {"one": "1 is odd", "two": "2 is even"}


def test_a_result_with_html_of_its_own_is_shown_in_it() -> None:
    class Picture:
        def __str__(self) -> str:
            return "a picture"

        def _repr_html_(self) -> str:
            return '<svg role="img" aria-label="a picture"></svg>'

    assert "<svg" in Pick({"one": 1}, lambda _: Picture()).page()


def test_nothing_to_pick_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one variant"):
        Pick({})
