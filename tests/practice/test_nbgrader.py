"""The exercises in nbgrader, unchanged: a course is made, notebooks are handed in and graded, the scores are read.

nbgrader knows nothing of kvmlab. It takes the source notebook, clears the solutions, runs what was handed in, and gives
a check its points unless the cell fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kvmlab.practice.library import answers
from kvmlab.practice.task import tasks

pytest.importorskip("nbgrader")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
NAME = "01_two_locks_two_orders"
TASKS = tasks("01")
"""The chapter that is handed in: a short one, with answers of five kinds."""

WITH_NOTES = "09_pin_drop_lock_put"
"""One that has notes for teachers."""

WRONG = {one.name: answers(one.id, right=False)[0].source for one in TASKS}
POINTS = sum(one.points for one in TASKS)


def nbgrader(course: Path, *arguments: str) -> None:
    """Run nbgrader in the course's folder, as a teacher would; it must not complain."""
    home = {"HOME": str(course), "IPYTHONDIR": str(course / ".ipython"), "JUPYTER_CONFIG_DIR": str(course / ".jupyter")}
    bin_first = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env={**os.environ, **home, "PATH": bin_first, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr


def configuration() -> str:
    """The configuration that the page for teachers gives."""
    page = (ROOT / "book" / "for_teachers.md").read_text(encoding="utf-8")
    return page.split("```python\n")[1].split("```")[0]


def solved(source: Any) -> Any:
    """The source notebook with the marks around the solutions taken out."""
    for cell in source.cells:
        cell.source = "\n".join(line for line in cell.source.splitlines() if "### " not in line)
    return source


def wrong(starter: Any) -> Any:
    """The starter with a wrong answer to each task."""
    for cell in starter.cells:
        name, _, part = cell.metadata.get("nbgrader", {}).get("grade_id", "").rpartition("-")
        if part == "answer":
            cell.source = WRONG[name]
    return starter


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with one assignment, made from our notebook; three students have handed in, and have been graded."""
    course = tmp_path_factory.mktemp("course")
    (course / "nbgrader_config.py").write_text(
        f'{configuration()}c.CourseDirectory.course_id = "locks"\nc.CourseDirectory.root = {str(course)!r}\n'
    )
    assignment = course / "source" / "ch01"
    assignment.mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{NAME}.ipynb", assignment)
    nbgrader(course, "generate_assignment", "ch01")
    released = course / "release" / "ch01" / f"{NAME}.ipynb"
    source = nbformat.read(assignment / f"{NAME}.ipynb", 4)
    for student, made in {
        "ada": solved(source),
        "ben": nbformat.read(ROOT / "exercises" / f"{NAME}.ipynb", 4),
        "cy": wrong(nbformat.read(released, 4)),
    }.items():
        folder = course / "submitted" / student / "ch01"
        folder.mkdir(parents=True)
        nbformat.write(made, folder / f"{NAME}.ipynb")
    nbgrader(course, "autograde", "ch01")
    return course


def scores(course: Path, student: str) -> dict[str, float]:
    """The points of a student by task, as nbgrader has them."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        graded = book.find_submission_notebook(NAME, "ch01", student)
        return {grade.name.removesuffix("-check"): grade.score for grade in graded.grades}


@pytest.mark.parametrize("name", [NAME, WITH_NOTES])
def test_nbgrader_releases_what_make_exercises_makes(course: Path, name: str) -> None:
    chapter = f"ch{name[:2]}"
    if name == WITH_NOTES:
        (course / "source" / chapter).mkdir()
        shutil.copy(ROOT / "solutions" / f"{name}.ipynb", course / "source" / chapter)
        nbgrader(course, "generate_assignment", chapter)
    released = nbformat.read(course / "release" / chapter / f"{name}.ipynb", 4)
    ours = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", 4)
    assert [cell.source for cell in released.cells] == [cell.source for cell in ours.cells]


def test_a_solved_notebook_gets_full_points(course: Path) -> None:
    assert scores(course, "ada") == {one.name: one.points for one in TASKS}


@pytest.mark.parametrize("student", ["ben", "cy"], ids=["the starter", "wrong answers"])
def test_what_is_not_right_gets_no_point(course: Path, student: str) -> None:
    assert scores(course, student) == dict.fromkeys([one.name for one in TASKS], 0)


def test_the_gradebook_counts_what_our_tasks_count(course: Path) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        assert book.find_assignment("ch01").max_score == POINTS


def test_only_checks_fail_and_nothing_is_left_to_grade_by_hand(course: Path) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        handed_in = book.assignment_submissions("ch01")
        assert sorted(one.student.id for one in handed_in) == ["ada", "ben", "cy"]
        assert not any(one.needs_manual_grade for one in handed_in)
    for student, failing in {"ada": 0, "ben": len(TASKS), "cy": len(TASKS)}.items():
        graded = nbformat.read(course / "autograded" / student / "ch01" / f"{NAME}.ipynb", 4)
        errors = {
            cell.source: output.ename
            for cell in graded.cells
            for output in cell.get("outputs", [])
            if output.output_type == "error"
        }
        assert set(errors.values()) <= {"AssertionError"}
        assert len([source for source in errors if source.startswith("assert check(")]) == len(errors) == failing
