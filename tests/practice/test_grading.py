"""`python -m kvmlab grade`: a folder of notebooks becomes a table, whatever the notebooks do."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest

from kvmlab.__main__ import main
from kvmlab.practice.grading import events, process, sandbox
from kvmlab.practice.grading.failures import gives, raised
from kvmlab.practice.grading.process import Ended, Late, Limits, Workers
from kvmlab.practice.library import answers
from kvmlab.practice.task import Want, answer, class_, function, task, tasks

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


def row_of(rows: list[dict[str, str]], task_id: str) -> tuple[str, str]:
    """The outcome of a task and its reason; for one student."""
    return next((row["outcome"], row["reason"]) for row in rows if row["task"] == task_id)


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


REST = [RIGHT[one] for one in IDS if one != "09.walk"]
"""Right answers to all tasks but one."""


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("def walk(w)\n    pass", "raised SyntaxError: expected ':'"),
        ("while True: pass\ndef walk(w): pass", "did not end within 3 seconds"),
        ("big = bytearray(10**12)\ndef walk(w): pass", "ran out of memory"),
        ("raise SystemExit(3)\ndef walk(w): pass", "raised SystemExit: 3"),
        ("raise ValueError('\\ud800\\x1b[1m, \\n so')\ndef walk(w): pass", "raised ValueError: [1m, so"),
    ],
    ids=["typo", "endless", "memory", "exit", "a text that no table can hold"],
)
def test_a_cell_that_failed_is_the_reason_why_its_task_has_no_answer(folder: Path, cell: str, what: str) -> None:
    hand_in(folder, "ada.ipynb", notebook("1 / 0", *REST, cell))
    code, rows = grade(folder, "--seconds", "3")
    number = len(REST) + 2
    assert code == 0
    assert row_of(rows, "09.walk") == ("not yet", f"Cell {number} {what}, so there is no `walk`.")
    assert [outcome for one, outcome in outcomes(rows, "ada").items() if one != "09.walk"] == ["correct"] * len(REST)


def test_a_cell_that_failed_says_why_an_answer_is_as_it_came(folder: Path) -> None:
    as_it_came = ["order = None", "def walk(w):\n    pass"]
    hand_in(folder, "ada.ipynb", notebook(*as_it_came, "order.append(3)", "explore(walk)", 'check("09.walk")'))
    _, rows = grade(folder)
    outcome, reason = row_of(rows, "09.order")
    assert outcome == "not yet"
    assert reason.startswith("Cell 3 raised AttributeError: 'NoneType' object has no attribute 'append'. `order` is")
    assert row_of(rows, "09.walk") == ("not attempted", "`walk` is still to be written.")


def test_the_cell_that_nbgrader_names_is_the_one_that_was_to_answer(folder: Path) -> None:
    made = notebook("1 / 0", "def wlak(w): ...\n1 / 0")
    made.cells[1].metadata["nbgrader"] = {"grade": False, "solution": True, "grade_id": "walk-answer"}
    hand_in(folder, "ada.ipynb", made)
    _, rows = grade(folder)
    assert row_of(rows, "09.walk") == (
        "not yet", "Cell 2 raised ZeroDivisionError: division by zero, so there is no `walk`."
    )  # fmt: skip
    assert row_of(rows, "09.order")[0] == "not attempted"


@pytest.mark.parametrize(
    ("source", "want", "expected"),
    [
        ("def walk(w): pass", function("walk"), True),
        ("walk = partial(visit)", function("walk"), True),
        ("class Lock: pass", class_("Lock"), True),
        ("from mine import walk", function("walk"), True),
        ("explore(walk)", function("walk"), False),
        ("%time walk(w)", function("walk"), True),
        ("def walk(w)", function("walk"), True),
        ("def walker(w)", function("walk"), False),
        ('!assert check("09.walk").correct', function("walk"), False),
        ("stepper.step('A')", answer("stepper"), True),
        ("a, order = 1 / 0", answer("order"), True),
        ('check("09.order")', answer("order"), False),
    ],
)
def test_which_cell_was_to_answer(source: str, want: Want, expected: bool) -> None:
    assert gives(source, want) is expected


def test_an_error_whose_text_cannot_be_had_is_named() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise OSError

    assert raised(Mute()) == "raised Mute"
    assert raised(ValueError("x" * 1000)) == f"raised ValueError: {'x' * 200}…"


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


def test_a_check_that_ruins_its_process_costs_its_own_task_only(folder: Path) -> None:
    leaves = "import os\ndef walk(w): os._exit(3)"
    hand_in(folder, "ada.ipynb", notebook(*REST, leaves))
    code, rows = grade(folder)
    assert code == 1
    assert row_of(rows, "09.walk") == ("not graded", "The process ended in 09.walk.")
    assert outcomes(rows, "ada") == {one: "not graded" if one == "09.walk" else "correct" for one in IDS}


def test_an_answer_that_raises_what_stops_a_check_is_not_right(folder: Path) -> None:
    hand_in(folder, "ada.ipynb", notebook(*REST, "def walk(w): raise KeyboardInterrupt"))
    _, rows = grade(folder)
    outcome, reason = row_of(rows, "09.walk")
    assert outcome == "not yet"
    assert reason.endswith(" raised KeyboardInterrupt.")


def test_a_check_that_was_interrupted_is_said_to_have_had_its_time(folder: Path) -> None:
    interrupted = "import os\ndef walk(w): os.kill(os.getpid(), 2)  # as the one who waits for it does"
    hand_in(folder, "ada.ipynb", notebook(*REST, interrupted))
    _, rows = grade(folder, "--seconds", "10")
    assert row_of(rows, "09.walk") == ("not graded", "The check did not end within 60 seconds.")


def test_an_error_of_any_length_is_told(folder: Path) -> None:
    hand_in(folder, "ada.ipynb", notebook(*REST, "def walk(w): raise ValueError('x' * 10**7)"))
    _, rows = grade(folder)
    outcome, reason = row_of(rows, "09.walk")
    assert outcome == "not yet"
    assert reason.startswith("walk raised ValueError: xxx")


def test_a_worker_that_hangs_in_a_check_is_followed_by_one_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def told(path: Path, left: list[str], *rest: object) -> Iterator[events.Event]:
        asked.append(left)
        yield {"at": "cell 1"}
        yield {"at": events.CHECKS}
        for one in left:
            yield {"at": one}
            if one == "09.order":
                yield {"end": "09.order hangs."}
                return
            yield {"task": one, "outcome": "correct", "reason": "It is right."}
        yield {"at": events.END}

    monkeypatch.setattr(sandbox, "events", told)
    rows = sandbox.grade(b"", "09", Limits())
    assert asked == [IDS, IDS[IDS.index("09.order") + 1 :]]
    assert {row["task"]: row["reason"] for row in rows} == dict.fromkeys(IDS, "It is right.") | {
        "09.order": "09.order hangs."
    }


def test_a_cell_has_its_seconds_and_what_is_ours_a_minute_at_least() -> None:
    assert process.patience("cell 3", 10) == 10
    assert process.patience("09.walk", 10) == process.patience(events.START, 10) == 60
    assert process.patience("09.walk", 90) == 90


class Deaf:
    """A worker's process that hears no signal; after each it writes something."""

    def __init__(self, writing: int) -> None:
        self.writing, self.signals = writing, list[int]()

    def send_signal(self, number: int) -> None:
        self.signals.append(number)
        os.write(self.writing, b"I do not stop.\n")


def test_a_worker_that_goes_on_is_late_whatever_it_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OURS", 0.0)
    monkeypatch.setattr(process, "GRACE", 0.0)
    reading, writing = os.pipe()
    deaf = Deaf(writing)
    os.write(writing, events.line("token", {"at": "09.walk"}))
    try:
        with pytest.raises(Late):
            list(process.told(reading, "token", cast("subprocess.Popen[bytes]", deaf), 0.0))
    finally:
        os.close(reading)
        os.close(writing)
    assert deaf.signals == [signal.SIGINT]


def test_what_is_late_is_told_with_the_patience_that_was_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*arguments: object) -> Iterator[events.Event]:
        yield {"at": "09.walk"}
        raise Late

    monkeypatch.setattr(process, "told", told)
    (tmp_path / "x.ipynb").write_text('{"cells": []}')
    *_, last = process.events(tmp_path / "x.ipynb", ["09.walk"], Limits(seconds=10), Workers())
    assert last == {"end": "09.walk did not end within 60 seconds and could not be stopped."}


EVERYWHERE = """
import os
for descriptor in range(3, 64):
    try:
        os.write(descriptor, {text!r})
    except OSError:
        pass
"""


def test_marks_that_a_notebook_writes_itself_do_not_count(folder: Path) -> None:
    forged = [json.dumps({"task": one, "outcome": "correct", "reason": "ha"}) for one in IDS]
    text = "\n".join([*forged, '{"done": true}', '{"at": "the end"}', ""]).encode()
    hand_in(folder, "ada.ipynb", notebook(EVERYWHERE.format(text=text) + "os._exit(0)"))
    hand_in(folder, "ben.ipynb", notebook("import sys\nwho = int(sys.argv[3])"))
    _, rows = grade(folder)
    assert outcomes(rows, "ada") == dict.fromkeys(IDS, "not graded")
    assert {row["reason"] for row in rows if row["student"] == "ada"} == {"The process ended in cell 1."}
    assert [row["reason"] for row in rows if (row["student"], row["task"]) == ("ben", "09.last")] == [
        "Cell 1 raised IndexError: list index out of range, so there is no `who` and no `who_because`."
    ]


@pytest.mark.parametrize("text", [b"no line", b"no JSON\n", b"[]\n", b"\xff\n", b'{"task": []}\n'])
def test_what_a_notebook_writes_to_the_pipe_spoils_nothing(folder: Path, text: bytes) -> None:
    hand_in(folder, "ada.ipynb", notebook(EVERYWHERE.format(text=text), *RIGHT.values()))
    code, rows = grade(folder)
    assert (code, outcomes(rows, "ada")) == (0, dict.fromkeys(IDS, "correct"))


def test_of_tasks_nothing_is_heard_before_the_cells_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    forged = [{"at": "cell 1"}, {"at": "09.walk"}, {"task": "09.walk", "outcome": "correct", "reason": "ha"}]
    monkeypatch.setattr(sandbox, "events", lambda *arguments: iter([*forged, {"end": "It ended."}]))
    assert {row["outcome"] for row in sandbox.grade(b"", "09", Limits())} == {"not graded"}


def test_a_line_is_heard_with_the_token_only() -> None:
    (line,) = filter(None, events.line("secret", {"at": "cell 1"}).split(b"\n"))
    assert events.read("secret", line) == {"at": "cell 1"}
    assert events.read("another", line) is None
    for wrong in (b"secret", b"secret {", b"secret []", b'secret {"at": 1}', b"", b"secret " + b"[" * 100_000):
        assert events.read("secret", wrong) is None


def test_a_notebook_that_closes_the_pipe_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE", 0.1)
    hand_in(folder, "ada.ipynb", notebook("import os\nos.closerange(3, 64)\nwhile True: pass"))
    _, rows = grade(folder)
    assert {row["reason"] for row in rows} == {"The process closed its pipe in cell 1."}


def test_memory_that_is_too_little_to_start_is_named(folder: Path) -> None:
    hand_in(folder, "ada.ipynb", notebook(*RIGHT.values()))
    code, rows = grade(folder, "--memory", "50")
    assert code == 1
    assert {row["reason"] for row in rows} == {"50 megabytes are too little memory to start: give more with --memory."}


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


def test_an_interrupt_ends_the_notebooks_that_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first notebook has the interrupt come while it runs, and would not end by itself."""
    interrupts = "import os, signal\nos.kill(os.getppid(), signal.SIGINT)\nwhile True: pass"
    hand_in(folder, "ada.ipynb", notebook(interrupts))
    hand_in(folder, "ben.ipynb", notebook("while True: pass"))
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background has none
    try:
        code = main(["grade", str(folder), "--out", str(folder.parent / "x.csv"), "--seconds", "86400", "--jobs", "1"])
    finally:
        signal.signal(signal.SIGINT, handler)
    assert code == 130
    assert "Interrupted. What was graded is in" in capsys.readouterr().err


def test_workers_that_were_ended_are_gone(tmp_path: Path) -> None:
    workers = Workers()
    reading, writing = os.pipe()
    waits = workers.start(tmp_path / "x.ipynb", writing)  # for its order
    workers.end()
    os.close(reading)
    assert waits.returncode == -signal.SIGKILL


def test_a_notebook_whose_worker_was_ended_gets_no_other_one() -> None:
    workers = Workers()
    workers.end()
    with pytest.raises(Ended):
        sandbox.grade(b'{"cells": []}', "09", Limits(), workers)


def test_a_file_that_is_no_notebook_has_a_row_with_the_reason(folder: Path) -> None:
    (folder / "ada.ipynb").write_text("my dog ate it")
    hand_in(folder, "ben.ipynb", notebook("x = 1", made_from=""))
    hand_in(folder, "cy.ipynb", notebook(made_from="77_none.ipynb"))
    code, rows = grade(folder)
    assert code == 1
    assert [row["reason"] for row in rows] == [
        "The file is not a notebook: it is not JSON.",
        "It does not say which chapter it answers: no metadata, no number in its name, no check.",
        "There are no tasks for chapter 77.",
    ]


CODE = {"cell_type": "code", "metadata": {}, "source": "x = 1"}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([], "it is [], not an object"),
        ({}, "it has no cells"),
        ({"cells": "abc"}, 'its cells are "abc", not a list'),
        ({"cells": [CODE, "x = 1"]}, 'cell 2 is "x = 1", not an object'),
        ({"cells": [{"source": "x = 1"}]}, "the type of cell 1 is null, not a text"),
        ({"cells": [CODE | {"source": ["x = 1", 7]}]}, "the source of cell 1 has 7, not a text"),
        ({"cells": [CODE | {"source": None}]}, "the source of cell 1 has null, not a text"),
        ({"cells": [CODE | {"metadata": ["y" * 50]}]}, f'the metadata of cell 1 are ["{"y" * 38}…, not an object'),
    ],
)
def test_what_is_wrong_with_the_form_of_a_notebook_is_said(folder: Path, content: object, fault: str) -> None:
    (folder / "09_ada.ipynb").write_text(json.dumps(content))
    code, rows = grade(folder)
    assert (code, [row["reason"] for row in rows]) == (1, [f"The file is not a notebook: {fault}."])


def test_a_mark_of_another_form_is_passed_over(folder: Path) -> None:
    made = notebook(*RIGHT.values())
    made.cells[0].metadata["nbgrader"] = "graded"
    hand_in(folder, "ada.ipynb", made)
    _, rows = grade(folder)
    assert outcomes(rows, "ada") == dict.fromkeys(IDS, "correct")


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
