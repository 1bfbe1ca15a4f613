"""The table of the oracles: it counts what was compared, and does not hide a difference."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.oracles import __main__ as oracles
from tests.oracles.threaded import Program


def test_every_comparison_is_a_line_and_nothing_differs(capsys: pytest.CaptureFixture[str]) -> None:
    assert oracles.main(["--programs", "20", "--twins", "2"]) == 0
    python, _, head, _, *lines = capsys.readouterr().out.splitlines()
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in (head, *lines)]
    assert python.startswith("CPython 3.")
    assert tuple(cells[0]) == oracles.HEAD
    assert {row[1] for row in cells[1:]} == {"sleep sets alone", "every schedule", "search by states", "CPython's"}
    assert {row[-1] for row in cells[1:]} == {"none"}
    assert [row[2] for row in cells[1:] if row[1] == "sleep sets alone"] == ["20", "2", "2", "2", "2"]


def test_a_difference_is_counted_and_its_program_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def every_second_differs(one: Program, tally: Counter[str]) -> None:
        assert int(one.name.removeprefix("program")) % 2, "not the same"
        tally.update(programs=1)

    found = oracles.count(oracles.numbered(10), 6, every_second_differs)
    assert (found.tally["programs"], found.differences) == (3, 3)
    told = capsys.readouterr().err
    assert told.count("not the same") == told.count("class World:") == 3


def test_the_command_fails_when_something_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(oracles, "rows", lambda *_: iter([("a", "b", "1", "2", "3", "1")]))
    assert oracles.main([]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "| a | b | 1 | 2 | 3 | 1 |"
