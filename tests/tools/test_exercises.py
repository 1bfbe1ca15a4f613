"""Exercises are made from solutions, and the reader's copies from exercises."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import exercises  # noqa: E402  the tools are scripts, not a package

v4 = nbformat.v4
SOLVED = """def walk(w):
    first = w.first
    ### BEGIN SOLUTION
    first.lock()
    ### END SOLUTION"""


def marks(grade_id: str, **kinds: bool) -> dict[str, Any]:
    """The metadata by which nbgrader knows a cell."""
    known = {"schema_version": 3, "grade_id": grade_id, "solution": False, "grade": False, "locked": False}
    return {"nbgrader": {**known, "task": False, **kinds, **({"points": 1} if kinds.get("grade") else {})}}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one solution."""
    cells = [
        v4.new_markdown_cell("# A walk"),
        v4.new_markdown_cell("Many forget the unlock.", metadata={"tags": ["teacher"]}),
        v4.new_code_cell(SOLVED, metadata={"tags": ["hide-input"], **marks("walk", solution=True)}),
        v4.new_code_cell('assert check("09.walk").correct', metadata=marks("walk-check", grade=True, locked=True)),
        v4.new_code_cell("walk", outputs=[v4.new_output("stream", text="correct")], execution_count=3),
    ]
    (tmp_path / "solutions").mkdir()
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "solutions" / "09_walk.ipynb")
    return tmp_path


def made(root: Path) -> Any:
    """The exercise of that project, made."""
    assert exercises.main(["make"], root) == 0
    return nbformat.read(root / "exercises" / "09_walk.ipynb", as_version=4)


def test_the_solution_goes_and_a_todo_stays_where_it_was(root: Path) -> None:
    sources = [cell.source for cell in made(root).cells]
    assert "def walk(w):\n    first = w.first\n    pass  # TODO: your answer" in sources
    assert "first.lock()" not in "".join(sources)


def test_notes_for_teachers_and_outputs_go(root: Path) -> None:
    notebook = made(root)
    assert "Many forget" not in str(notebook)
    assert [cell.outputs for cell in notebook.cells if cell.cell_type == "code"] == [[], [], []]


def test_a_check_is_locked_and_may_fail(root: Path) -> None:
    check = made(root).cells[2]
    assert (check.metadata["editable"], check.metadata["deletable"]) == (False, False)
    assert check.metadata["tags"] == ["raises-exception", "remove-output"]


def test_what_the_reader_is_to_write_is_not_folded(root: Path) -> None:
    assert "tags" not in made(root).cells[1].metadata


def test_making_twice_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(root)
    capsys.readouterr()
    made(root)
    assert capsys.readouterr().out == ""
    assert exercises.main(["make", "--check"], root) == 0


def test_an_exercise_that_differs_is_named_by_a_check(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(root)
    path = root / "solutions" / "09_walk.ipynb"
    path.write_text(path.read_text().replace("# A walk", "# The walk"))
    assert exercises.main(["make", "--check"], root) == 1
    assert "exercises/09_walk.ipynb is not what solutions/09_walk.ipynb makes" in capsys.readouterr().err
    assert "# The walk" in made(root).cells[0].source


def test_an_exercise_edited_by_hand_is_not_overwritten(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(root)
    path = root / "exercises" / "09_walk.ipynb"
    path.write_text(path.read_text().replace("# A walk", "# My walk"))
    assert exercises.main(["make"], root) == 1
    assert "exercises/09_walk.ipynb was edited by hand" in capsys.readouterr().err
    assert "# My walk" in path.read_text()


def test_an_exercise_without_a_solution_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(root)
    (root / "solutions" / "09_walk.ipynb").unlink()
    assert exercises.main(["make", "--check"], root) == 1
    assert "exercises/09_walk.ipynb has no solutions/09_walk.ipynb" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("    ### END SOLUTION", "", "no end solution statement found"),
        ('"solution": true', '"solution": false', "Solution region detected in a non-solution cell"),
    ],
    ids=["not closed", "in a cell that is not one"],
)
def test_a_region_that_cannot_be_taken_out_is_named(
    root: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, said: str
) -> None:
    path = root / "solutions" / "09_walk.ipynb"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    assert exercises.main(["make"], root) == 1
    assert f"09_walk.ipynb: {said}" in capsys.readouterr().err


def test_practice_copies_what_is_new_and_never_what_is_there(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(root)
    assert exercises.main(["practice"], root) == 0
    mine = root / "my" / "09_walk.ipynb"
    assert mine.read_text() == (root / "exercises" / "09_walk.ipynb").read_text()
    mine.write_text("my work")
    (root / "exercises" / "10_ways.ipynb").write_text((root / "exercises" / "09_walk.ipynb").read_text())
    assert exercises.main(["practice"], root) == 0
    assert mine.read_text() == "my work"
    assert capsys.readouterr().out.endswith("my/: 1 new, 1 left as it was.\n")


def test_every_exercise_of_the_book_is_what_its_solution_makes() -> None:
    assert exercises.main(["make", "--check"]) == 0
