"""`python -m kvmlab grade`: a folder of notebooks becomes a table, whatever the notebooks do."""

from __future__ import annotations

import csv
import json
import signal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kvmlab.__main__ import main
from kvmlab.practice.library import answers
from kvmlab.practice.task import task, tasks

v4 = nbformat.v4
IDS = [one.id for one in tasks("09")]
RIGHT = {one: answers(one, right=True)[0].source for one in IDS}
WRONG = {one: answers(one, right=False)[0].source for one in IDS}


def notebook(*cells: str, made_from: str = "solutions/09_pin_drop_lock_put.ipynb") -> Any:
    """A notebook with these code cells."""
    made = v4.new_notebook(cells=[v4.new_code_cell(source) for source in cells])
    made.metadata["kvmlab"] = {"made_from": made_from}
    return made


def hand_in(folder: Path, name: str, made: Any) -> None:
    """Write a notebook below `folder`."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)


def grade(folder: Path, *options: str) -> tuple[int, list[dict[str, str]]]:
    """Grade `folder`; the exit code and the rows."""
    out = folder.parent / "grades.csv"
    code = main(["grade", str(folder), "--out", str(out), *options])
    with out.open(newline="") as file:
        return code, list(csv.DictReader(file))


def outcomes(rows: list[dict[str, str]], student: str) -> dict[str, str]:
    """What came out for a student, by task."""
    return {row["task"]: row["outcome"] for row in rows if row["student"] == student}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where notebooks are handed in."""
    made = tmp_path / "submissions"
    made.mkdir()
    return made


def test_right_answers_get_full_points_and_wrong_ones_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in(folder, "ada/09_pin_drop_lock_put.ipynb", notebook(*RIGHT.values()))
    hand_in(folder, "ben/09_pin_drop_lock_put.ipynb", notebook(*WRONG.values()))
    hand_in(folder, "cy/09_pin_drop_lock_put.ipynb", notebook("x = 1"))
    code, rows = grade(folder)
    assert code == 0
    assert outcomes(rows, "ada") == dict.fromkeys(IDS, "correct")
    assert outcomes(rows, "ben") == dict.fromkeys(IDS, "not yet")
    assert outcomes(rows, "cy") == dict.fromkeys(IDS, "not attempted")
    points = {row["student"]: 0 for row in rows}
    for row in rows:
        points[row["student"]] += int(row["points"])
    assert points == {"ada": sum(task(one).points for one in IDS), "ben": 0, "cy": 0}
    assert f"3 notebooks (0 graded before), {3 * len(IDS)} rows in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "made_from", "first"),
    [
        ("ada.ipynb", "09_pin_drop_lock_put.ipynb", ""),
        ("ada/ps9/09_pin_drop_lock_put.ipynb", "", ""),
        ("ada/homework.ipynb", "", 'assert check("09.walk").correct'),
    ],
    ids=["by what it was made from", "by its name", "by its checks"],
)
def test_the_chapter_is_found(folder: Path, name: str, made_from: str, first: str) -> None:
    hand_in(folder, name, notebook(first, made_from=made_from))
    _, rows = grade(folder)
    assert outcomes(rows, "ada") == dict.fromkeys(IDS, "not attempted")


def test_a_cell_that_fails_does_not_keep_the_others_from_counting(folder: Path) -> None:
    bad = ["1 / 0", "def", "raise SystemExit", "import sys; sys.exit(3)", "input()", "raise KeyboardInterrupt"]
    hand_in(folder, "ada.ipynb", notebook(*bad, *RIGHT.values()))
    code, rows = grade(folder)
    assert (code, outcomes(rows, "ada")) == (0, dict.fromkeys(IDS, "correct"))


@pytest.mark.parametrize("cell", ["while True: pass", "import time; time.sleep(1000)"], ids=["spins", "sleeps"])
def test_a_cell_without_end_is_stopped_and_the_rest_counts(folder: Path, cell: str) -> None:
    hand_in(folder, "ada.ipynb", notebook(cell, *RIGHT.values()))
    code, rows = grade(folder, "--seconds", "3")
    assert (code, outcomes(rows, "ada")) == (0, dict.fromkeys(IDS, "correct"))


def test_a_cell_without_end_is_stopped_in_the_background_too(folder: Path) -> None:
    hand_in(folder, "ada.ipynb", notebook("while True: pass", *RIGHT.values()))
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as for `command &` in a script
    try:
        code, rows = grade(folder, "--seconds", "3")
    finally:
        signal.signal(signal.SIGINT, handler)
    assert (code, outcomes(rows, "ada")) == (0, dict.fromkeys(IDS, "correct"))


STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (STUBBORN, "Cell 1 did not end within 3 seconds and could not be stopped."),
        ("import os; os._exit(0)", "The process ended in cell 1."),
        ("import os; os.kill(os.getpid(), 9)", "The process ended in cell 1, ended by signal 9."),
    ],
    ids=["cannot be stopped", "leaves", "kills itself"],
)
def test_a_notebook_that_ruins_its_process_is_not_graded_and_the_others_are(
    folder: Path, cell: str, reason: str
) -> None:
    hand_in(folder, "ada.ipynb", notebook(cell))
    hand_in(folder, "ben.ipynb", notebook(*RIGHT.values()))
    code, rows = grade(folder, "--seconds", "3")
    assert code == 1
    assert outcomes(rows, "ada") == dict.fromkeys(IDS, "not graded")
    assert {row["reason"] for row in rows if row["student"] == "ada"} == {reason}
    assert outcomes(rows, "ben") == dict.fromkeys(IDS, "correct")


def test_memory_is_bounded(folder: Path) -> None:
    hand_in(folder, "ada.ipynb", notebook("big = bytearray(10**12)", "hog = [0]\nwhile True: hog = hog * 2", "x = 1"))
    code, rows = grade(folder, "--memory", "2000")
    assert (code, outcomes(rows, "ada")) == (0, dict.fromkeys(IDS, "not attempted"))


def test_a_second_run_grades_only_what_is_new(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in(folder, "ada.ipynb", notebook("x = 1"))
    first = grade(folder)
    hand_in(folder, "ben.ipynb", notebook(*RIGHT.values()))
    capsys.readouterr()
    _, rows = grade(folder)
    assert "2 notebooks (1 graded before)" in capsys.readouterr().out
    assert rows[: len(IDS)] == first[1]
    hand_in(folder, "ada.ipynb", notebook(*RIGHT.values()))
    _, rows = grade(folder)
    assert outcomes(rows, "ada") == dict.fromkeys(IDS, "correct")
    assert len(rows) == 2 * len(IDS)


def test_a_file_that_is_no_notebook_has_a_row_with_the_reason(folder: Path) -> None:
    (folder / "ada.ipynb").write_text("my dog ate it")
    hand_in(folder, "ben.ipynb", notebook("x = 1", made_from=""))
    hand_in(folder, "cy.ipynb", notebook(made_from="77_none.ipynb"))
    code, rows = grade(folder)
    assert code == 1
    assert [row["reason"] for row in rows] == [
        "The file is not a notebook.",
        "It does not say which chapter it answers: no metadata, no number in its name, no check.",
        "There are no tasks for chapter 77.",
    ]


def test_what_a_notebook_writes_stays_in_a_folder_of_its_own(folder: Path, tmp_path: Path) -> None:
    before = set(Path.cwd().iterdir())
    hand_in(folder, "ada.ipynb", notebook("open('left.txt', 'w').write('here')"))
    grade(folder)
    assert set(Path.cwd().iterdir()) == before
    assert not list(tmp_path.rglob("left.txt"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "nowhere is not a folder: name the one that holds the submitted notebooks.\n"),
        (["."], ". has no notebook in it.\n"),
        ([".", "--jobs", "0"], "argument --jobs: a whole number from 1 is needed, not '0'"),
    ],
)
def test_a_call_that_cannot_work_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["grade", *arguments]) == 2
    assert capsys.readouterr().err.startswith(said)


def test_a_table_of_something_else_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in(folder, "ada.ipynb", notebook("x = 1"))
    other = folder.parent / "grades.csv"
    other.write_text("name,mark\nada,1\n")
    assert main(["grade", str(folder), "--out", str(other)]) == 2
    assert "is no table of grades: its columns are name, mark." in capsys.readouterr().err
    assert other.read_text() == "name,mark\nada,1\n"


def test_a_cluster_of_two_workers_gives_the_same_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING", "False")
    hand_in(folder, "ada.ipynb", notebook(*RIGHT.values()))
    hand_in(folder, "ben.ipynb", notebook(*WRONG.values()))
    here = grade(folder)
    (folder.parent / "grades.csv").unlink()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        assert grade(folder, "--scheduler", cluster.scheduler_address) == here


def test_a_cluster_that_does_not_answer_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in(folder, "ada.ipynb", notebook("x = 1"))
    out = folder.parent / "grades.csv"
    assert main(["grade", str(folder), "--out", str(out), "--scheduler", "no scheduler"]) == 2
    assert "No Dask scheduler answers at no scheduler" in capsys.readouterr().err


def test_rows_are_sorted_and_have_every_column(folder: Path) -> None:
    for name in ("cy", "ada", "ben"):
        hand_in(folder, f"{name}.ipynb", notebook("x = 1"))
    _, rows = grade(folder)
    assert [row["student"] for row in rows] == [name for name in ("ada", "ben", "cy") for _ in IDS]
    assert json.loads(json.dumps(rows[0])).keys() == {
        "student", "notebook", "digest", "task", "outcome", "points", "of", "reason"
    }  # fmt: skip
