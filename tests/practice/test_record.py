"""Progress: kept whole or not at all, never in the way of a check, and nothing where nobody works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kvmlab.errors import ScenarioError
from kvmlab.practice import progress
from kvmlab.practice.check import checked
from kvmlab.practice.record import VARIABLE, check_export
from kvmlab.practice.task import task

RIGHT = {"who": "b", "who_because": "3"}
WRONG = {"who": "a", "who_because": "1"}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "progress.json"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def attempt(names: dict[str, str]) -> str:
    return repr(checked(task("09.last"), names))


def test_outcomes_and_tries_are_kept(file: Path) -> None:
    attempt({})
    attempt(WRONG)
    attempt(RIGHT)
    assert json.loads(file.read_text())["tasks"] == {"09.last": {"outcome": "correct", "tries": 2}}


def test_correct_once_stays_correct(file: Path) -> None:
    attempt(RIGHT)
    attempt(WRONG)
    assert json.loads(file.read_text())["tasks"]["09.last"]["outcome"] == "correct"


def test_report_by_chapter_and_misconception(file: Path) -> None:
    attempt(RIGHT)
    checked(task("09.review"), {"faulty_lines": {4}})
    text = repr(progress())
    assert text.startswith("1 of ")
    assert "chapter 9   1 of 5  not yet: review" in text or "chapter 9  1 of 5  not yet: review" in text
    assert "M11" in text


def test_reset_of_one_and_of_all(file: Path) -> None:
    attempt(RIGHT)
    assert progress.reset("09.last") == "09.last is forgotten."
    assert progress.reset("09.last") == "09.last was not in it."
    attempt(RIGHT)
    assert progress.reset() == "All progress is forgotten."
    assert not file.exists()
    with pytest.raises(ScenarioError, match="no task is called"):
        progress.reset("09.nothing")


def test_export_has_a_checksum_against_accidents(file: Path) -> None:
    attempt(RIGHT)
    text = progress.export()
    assert text.splitlines()[:2] == ["kvmlab progress 1", "09.last correct 1"]
    assert check_export(text) == {"09.last": "correct"}
    with pytest.raises(ScenarioError, match="checksum"):
        check_export(text.replace("09.last", "09.walk"))


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        "null",
        '{"tasks": 3}',
        '{"tasks": {"09.last": {}}}',
        "\x00",
        '{"tasks": {"09.last": 1}}',
        "[" * 9999,
    ],
)
def test_a_damaged_file_is_said_and_breaks_no_check(file: Path, damage: str) -> None:
    file.write_text(damage)
    text = " ".join(attempt(RIGHT).split())
    assert "correct." in text
    assert "is damaged, so progress is not kept" in text
    assert file.read_text() == damage
    assert "damaged" in repr(progress())
    progress.reset()
    assert "damaged" not in attempt(RIGHT)


def test_a_folder_that_cannot_be_written_breaks_no_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing" / "progress.json"))
    text = " ".join(attempt(RIGHT).split())
    assert "correct." in text
    assert "could not be kept" in text


def test_a_write_that_fails_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt(WRONG)
    before = file.read_text()

    def fails(*names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fails)
    assert "No space left" in " ".join(attempt(RIGHT).split())
    assert file.read_text() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_reset_that_cannot_be_written_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt(RIGHT)
    before = file.read_text()

    def fails(*names: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fails)
    said = progress.reset("09.last")
    assert said == "Your progress could not be kept in progress.json: No space left on device."
    assert file.read_text() == before


def test_nothing_is_written_under_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    attempt(RIGHT)
    assert list(tmp_path.iterdir()) == []


def test_a_file_with_tasks_that_are_gone_is_read_all_the_same(file: Path) -> None:
    file.write_text('{"tasks": {"99.old": {"outcome": "correct", "tries": 1}}}')
    assert repr(progress()).startswith("0 of ")
