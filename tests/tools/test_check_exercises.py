"""The exercises are complete; and the linter of their content says what is missing."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_exercises  # noqa: E402  the tools are scripts, not a package

from kvmlab.practice.task import task, tasks  # noqa: E402

NAME = "01_two_locks_two_orders.ipynb"


@pytest.mark.slow
@pytest.mark.parametrize("chapter", check_exercises.CHAPTERS)
def test_nothing_is_missing_and_every_solution_passes(chapter: str) -> None:
    assert check_exercises.complaints([chapter]) == []


def test_nothing_is_missing_in_the_book() -> None:
    assert list(check_exercises.of_the_book(list(tasks()))) == []


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> list[str]:
    """What is said of chapter 1's notebook after `change`, which gets its cells by id."""
    notebook = nbformat.read(ROOT / "solutions" / NAME, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    change(cells)
    notebook.cells = list(cells.values())
    nbformat.write(notebook, tmp_path / NAME)
    return list(check_exercises.of_a_notebook(tmp_path / NAME, tasks("01")))


FIRST = tasks("01")[0]
ANSWER, CHECK, HINTS = (f"{FIRST.name}-{part}" for part in ("answer", "check", "hints"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda cells: None, []),
        (lambda cells: cells.pop(CHECK), [f"has no check of {FIRST.id}: add a locked cell"]),
        (lambda cells: cells.pop(HINTS), [f"has no hints for {FIRST.id}: add a cell"]),
        (lambda cells: cells.pop(ANSWER), ["has no cell for the answer before its check"]),
        (
            lambda cells: cells[ANSWER].update(source=cells[ANSWER].source.replace("### BEGIN SOLUTION", "")),
            ["has no '### BEGIN SOLUTION': mark the solution."],
        ),
        (
            lambda cells: cells[CHECK].metadata["nbgrader"].update(locked=False),
            ["is not locked and graded: set its nbgrader metadata."],
        ),
        (lambda cells: cells[CHECK].metadata["nbgrader"].update(points=77), ["is worth 77 points: make it"]),
        (
            lambda cells: cells[HINTS].update(source=cells[HINTS].source + '\ncheck("01.nothing")'),
            [f"has no hints for {FIRST.id}", "checks 01.nothing, and there is no such task"],
        ),
    ],
    ids=["nothing", "check", "hints", "answer", "region", "lock", "points", "no such task"],
)
def test_what_is_missing_is_said(tmp_path: Path, change: Callable[[dict[str, Any]], None], said: list[str]) -> None:
    found = changed(tmp_path, change)
    assert [part in sentence for part, sentence in zip(said, found, strict=True)] == [True] * len(said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"misconceptions": ()}, "names no misconception"),
        ({"why": " "}, "does not say why a right answer is right"),
        ({"hints": ("Look.", "Look.", "Look again.")}, "needs three different hints"),
        ({"id": "09.nothing"}, "has 0 wrong answers in the library: think of 3 more."),
    ],
)
def test_a_task_that_lacks_something_is_named(changes: dict[str, Any], said: str) -> None:
    lacking = dataclasses.replace(task("09.walk"), **changes)
    assert said in " ".join(check_exercises.of_a_task(lacking))


def test_a_book_with_too_few_tasks_is_told_so() -> None:
    found = list(check_exercises.of_the_book([task("09.walk")]))
    assert found[0] == "The book has 1 tasks: write 35 more."
    assert "No task is of kind predict: write one." in found
    assert "No task is about M8: write one, or tag the one that is." in found


def test_a_chapter_without_exercises_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_exercises.main(["11"]) == 2
    assert capsys.readouterr().err == "'11' is no chapter with exercises: write 01 to 10.\n"
