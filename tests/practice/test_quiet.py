"""A graded cell fails in one line, and nothing else does; what a result shows has no code of ours in it."""

from __future__ import annotations

import linecache
import sys
from typing import Any

import pytest

from kvmlab.practice.check import checked
from kvmlab.practice.library import answers
from kvmlab.practice.misconceptions import MISCONCEPTIONS, SPAN
from kvmlab.practice.quiet import in_a_line, quieten
from kvmlab.practice.task import task, tasks


class Shell:
    """As much of IPython's shell as is asked."""

    def __init__(self) -> None:
        self.custom_exceptions: tuple[type[BaseException], ...] = ()
        self.shown: list[Any] = []

    def set_custom_exc(self, kinds: tuple[type[BaseException], ...], handler: Any) -> None:
        self.custom_exceptions, self.handler = kinds, handler

    def showtraceback(self, found: Any, **options: Any) -> None:
        self.shown.append("a traceback")

    def _showtraceback(self, kind: type[BaseException], error: BaseException, lines: list[str]) -> None:
        self.shown.append(lines)


def ran(source: str, **names: Any) -> Shell:
    """A shell that was told, and in which a cell with `source` has failed."""
    shell, file = Shell(), "<graded>"
    quieten(shell)
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    try:
        exec(compile(source, file, "exec"), names)
    except AssertionError:
        shell.handler(shell, *sys.exc_info(), tb_offset=None)
    return shell


class Wrong:
    correct = False


def test_a_graded_cell_fails_in_one_line() -> None:
    shell = ran('assert check("09.walk").correct\n', check=lambda name: Wrong())
    assert shell.shown == [["09.walk is not correct yet; the reasons are above."]]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("assert 1 == 2\n", id="an assertion of the reader's"),
        pytest.param('def check(name):\n    assert False\n\nassert check("09.walk").correct\n', id="inside a check"),
    ],
)
def test_any_other_assertion_has_its_traceback(source: str) -> None:
    assert ran(source).shown == ["a traceback"]


def test_a_handler_that_is_there_stays() -> None:
    shell = Shell()
    shell.custom_exceptions = (KeyError,)
    quieten(shell)
    assert shell.custom_exceptions == (KeyError,)


def test_no_traceback_is_no_graded_cell() -> None:
    assert in_a_line(None) is None


def test_every_tag_has_its_words() -> None:
    assert list(MISCONCEPTIONS) == [f"M{number}" for number in range(1, 12)]
    assert SPAN == "M1 to M11"
    assert {tag for one in tasks() for tag in one.misconceptions} <= set(MISCONCEPTIONS)


def test_the_stepper_of_a_counterexample_shows_no_code_of_the_check() -> None:
    (one,) = [one for one in answers("09.walk") if one.name == "puts_under_kvm_lock"]
    page = checked(task("09.walk"), one.namespace(), record=False, seconds=None).page()
    assert "<lock-stepper" in page
    assert "def walk" in page
    assert "all_zapped" not in page
    assert "is_last" not in page


def test_what_is_lacking_is_said_in_one_sentence_each() -> None:
    one = task("01.three")
    assert checked(one, {}, record=False).reason == (
        "There are no `Table`, `first`, `second` and `third` here. Write them, or if you have, run the cell that "
        "defines them."
    )
    one = task("09.last")
    assert checked(one, {"who": None}, record=False).reason == (
        "There is no `who_because` here. Write it, or if you have, run the cell that defines it. `who` is still to be "
        "written."
    )
