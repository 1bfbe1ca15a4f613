"""Answers that are no programs: as a reader may write them down."""

from __future__ import annotations

from typing import Any

import pytest

from kvmlab.practice.bench import Bench
from kvmlab.practice.check import checked
from kvmlab.practice.judges import arranged, names
from kvmlab.practice.task import Judge, task


def said(judge: Judge, given: Any) -> str:
    """What is found wrong with `given`; nothing if it is right."""
    bench = Bench()
    judge(bench, given)
    return " ".join(finding.sentence for finding in bench.findings)


LINES = names({2, 10}, what="faulty line", among=range(1, 12))
TASKS = names({"vcpu_run"}, what="task on the circle", among={"vcpu_run", "cpu_hotplug"})


@pytest.mark.parametrize("given", [{2, 10}, [10, 2], (2, 10, 10), {"2", "10"}, range(2, 11, 8)])
def test_numbers_may_come_in_any_form(given: Any) -> None:
    assert said(LINES, given) == ""


def vcpu_run(w: Any) -> None:
    """A task, as a notebook has it."""


@pytest.mark.parametrize("given", ["vcpu_run", {"vcpu_run"}, ["VCPU_RUN"], {vcpu_run}])
def test_names_may_come_in_any_form(given: Any) -> None:
    assert said(TASKS, given) == ""


def test_what_is_not_there_is_named_with_the_choice_in_order() -> None:
    assert said(LINES, {77}) == "There is no `77` here. Choose among 1 to 11."
    assert said(LINES, {3, 11, 2, 10}) == "None of these is a faulty line: `3`, `11`."
    assert said(LINES, {3}) == "`3` is not a faulty line."
    assert said(LINES, {2}) == "What you have is right. One is missing."
    assert said(LINES, set()) == "2 are missing."
    assert said(LINES, 2.5) == 'Give a set of names: {"one", "another"}.'


def test_numbers_with_a_gap_are_named_one_by_one() -> None:
    assert said(names({2}, what="line", among={2, 4}), {3}) == "There is no `3` here. Choose among 2, 4."


def test_what_is_no_name_at_all_is_shown_without_an_address() -> None:
    assert said(TASKS, {said}) == "There is no `said` here. Choose among cpu_hotplug, vcpu_run."
    assert "0x" not in said(TASKS, {object()})


def visits(bench: Bench, walk: Any) -> None:
    """The lines must come in the order of the alphabet."""
    bench.expect(walk([]) == ["a", "b", "c"], "order", "Not in this order.")


ORDER = arranged(
    {key: f"seen.append({key!r})" for key in "abc"} | {"end": "return seen"}, "def walk(seen):", visits, given={}
)
LETTERS = arranged({"a": "seen += ['a']", "r": "return seen + ['b', 'c']"}, "def walk(seen):", visits, given={})


@pytest.mark.parametrize("given", [["a", "b", "c", "end"], ("a", "b", "c", "end"), "a b c end", "A, b, c, end"])
def test_an_order_may_come_in_any_form(given: Any) -> None:
    assert said(ORDER, given) == ""


def test_letters_may_be_written_as_one_word() -> None:
    assert said(LETTERS, "ar") == ""


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["b", "a", "c", "end"], "Not in this order."),
        (["a", "x"], "There is no line 'x'."),
        ("a->b->c", "There is no line '-', '>'."),
        (["a", "b", "a"], "Each line is there once; 'a' comes twice."),
        (7, "Give the keys in order, such as ['a', 'b', 'c']."),
    ],
)
def test_an_order_that_is_none_is_told(given: Any, sentence: str) -> None:
    assert said(ORDER, given) == sentence


WHOLE = arranged({"a": "seen.append('a')", "end": "return seen"}, "def walk(seen):", visits, given={}, all_first=True)


def test_an_order_that_must_be_whole_is_not_judged_before() -> None:
    assert said(WHOLE, "a end") == "Not in this order."
    assert said(WHOLE, "end") == "Use each line. Left out: `a`."


@pytest.mark.parametrize("given", ["e, b, d, f, a, g, c", "E B D F A G C", "ebdfagc", [*"ebdfagc"]])
def test_the_last_put_may_be_written_as_the_other_orders_may(given: object) -> None:
    assert checked(task("03.put"), {"order": given}, record=False).outcome == "correct"


def test_lines_that_are_left_out_are_told_whatever_else_is_found() -> None:
    assert said(ORDER, "a b c") == "Not in this order. Use each line. Left out: `end`."
    assert said(arranged({"a": "return 1", "b": "pass"}, "def walk():", lambda bench, walk: None, given={}), "a") == (
        "Use each line. Left out: `b`."
    )
