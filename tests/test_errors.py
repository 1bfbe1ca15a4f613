"""What an error shows in a notebook: the reader's lines, and none of the engine's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.testing.globalipapp import get_ipython as start

from kvmlab.errors import ScenarioError, theirs
from kvmlab.errors import shown as as_code


@pytest.fixture
def shell() -> Iterator[Any]:
    return start() or InteractiveShell.instance()


def shown(shell: Any, capsys: Any, *cells: str) -> str:
    """What the last of `cells` prints, without colours."""
    for cell in ("from kvmlab import *", *cells):
        capsys.readouterr()
        shell.run_cell(cell, store_history=False)
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def test_a_call_that_cannot_work_shows_the_reader_s_line(shell: Any, capsys: Any) -> None:
    text = shown(shell, capsys, "explore(4)")
    assert "----> 1 explore(4)" in text
    assert text.rstrip().endswith("not 4: write explore(Scenario(World, task, task))")
    assert "kvmlab/" not in text


def test_a_broken_contract_shows_every_line_of_the_reader_s(shell: Any, capsys: Any) -> None:
    text = shown(shell, capsys, "def lets_go():\n    Mutex().unlock()\n\nlets_go()")
    assert "----> 4 lets_go()" in text
    assert "----> 2     Mutex().unlock()" in text
    assert "kvmlab/" not in text


def test_the_cause_is_shown_the_same_way(shell: Any, capsys: Any) -> None:
    text = shown(shell, capsys, "def world():\n    return 1 / 0\n\nexplore(Scenario(world, print))")
    assert "ZeroDivisionError: division by zero" in text
    assert "----> 2     return 1 / 0" in text
    assert "kvmlab/" not in text


def test_outside_a_notebook_python_shows_it_as_any_other() -> None:
    with pytest.raises(ScenarioError) as caught:
        raise ScenarioError("no")
    assert theirs(caught.value.__traceback__) is not None
    assert theirs(None) is None


LETTERS = list("hgfedcba")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (set(LETTERS), "{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}"),
        (frozenset(LETTERS), "frozenset({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'})"),
        ([{"kept": (set(LETTERS),)}], "[{'kept': ({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'},)}]"),
        ({frozenset("ba"), frozenset("dc")}, "{frozenset({'a', 'b'}), frozenset({'c', 'd'})}"),
        (
            [set(), frozenset(), (), [], {}, (1, "x"), object()],
            "[set(), frozenset(), (), [], {}, (1, 'x'), <object object>]",
        ),
    ],
    ids=["set", "frozenset", "inside other data", "sets in a set", "nothing to sort"],
)
def test_a_value_is_the_same_text_under_every_hash_seed(value: object, code: str) -> None:
    assert as_code(value) == code


def test_a_list_that_holds_itself_has_a_text() -> None:
    endless: list[object] = [1]
    endless.append(endless)
    assert as_code(endless) == "[1, ...]"
