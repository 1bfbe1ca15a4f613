"""The command ``python -m kvmlab grade SUBMISSIONS``."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kvmlab.cli.parser import UNUSABLE, Parser
from kvmlab.practice.grading import sheet
from kvmlab.practice.grading.pool import NoCluster, here, on_cluster
from kvmlab.practice.grading.sandbox import Limits
from kvmlab.practice.grading.submissions import Submission, submissions
from kvmlab.practice.task import task

GOOD, SOME_NOT_GRADED, INTERRUPTED = 0, 1, 130

ABOUT = """\
Grade every notebook below a folder: SUBMISSIONS/STUDENT/NN_name.ipynb at any depth, as nbgrader keeps them, or
SUBMISSIONS/STUDENT.ipynb. Each runs in a process of its own. The table has one row for each student and task:
correct, not yet, not attempted, or not graded, with the reason."""

AFTER = """\
Run it again after an interruption, or when more has been submitted: what is in the table already is kept, as long as
the notebook is the same. Exit codes: 0 everything graded, 1 something could not be graded, 2 the call cannot be used,
130 interrupted."""


def main(argv: Sequence[str]) -> int:
    """Grade what `argv` says; return the exit code."""
    options = _parser().parse_args(argv)
    folder, out = Path(options.submissions), Path(options.out)
    if not folder.is_dir():
        return _refuse(f"{folder} is not a folder: name the one that holds the submitted notebooks.")
    found = list(submissions(folder))
    if not found:
        return _refuse(f"{folder} has no notebook in it.")
    try:
        before = sheet.read(out)
        return _grade(found, before, out, options)
    except sheet.BadSheet as why:
        return _refuse(f"{why} Name another file with --out.")
    except NoCluster as why:
        return _refuse(str(why))
    except OSError as error:
        return _refuse(f"{out} cannot be written: {error.strerror or error}.")
    except KeyboardInterrupt:
        print(f"\nInterrupted. What was graded is in {out}; run it again to go on.", file=sys.stderr)
        return INTERRUPTED


def _grade(found: list[Submission], before: list[sheet.Row], out: Path, options: argparse.Namespace) -> int:
    there = {one.path for one in found}
    kept = [one for one in found if sheet.done(before, one)]
    paths = {one.path for one in kept}
    rows = [row for row in before if row["notebook"] in paths or row["notebook"] not in there]
    rows += [row for one in found if one.problem for row in _problem(one)]
    todo = [one for one in found if one.path not in paths and not one.problem]
    sheet.write(out, rows)
    limits = Limits(options.seconds, options.memory)
    results = on_cluster(todo, options.scheduler, limits) if options.scheduler else here(todo, options.jobs, limits)
    for number, (one, graded) in enumerate(results, 1):
        rows += [_row(one, each) for each in graded]
        sheet.write(out, rows)
        _progress(f"{number} of {len(todo)}: {one.path}")
    _progress("")
    outcomes = Counter(row["outcome"] for row in rows if row["notebook"] in there)
    print(f"{len(found)} notebooks ({len(kept)} graded before), {sum(outcomes.values())} rows in {out}.")
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items())) + ".")
    return SOME_NOT_GRADED if outcomes[sheet.NOT_GRADED] else GOOD


def _row(one: Submission, graded: dict[str, Any]) -> sheet.Row:
    points = task(graded["task"]).points
    return {
        "student": one.student,
        "notebook": one.path,
        "digest": one.digest,
        "task": graded["task"],
        "outcome": graded["outcome"],
        "points": str(points if graded["outcome"] == "correct" else 0),
        "of": str(points),
        "reason": _in_a_line(graded["reason"]),
    }


def _in_a_line(text: str) -> str:
    """`text` without what a table or a terminal cannot show."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _problem(one: Submission) -> list[sheet.Row]:
    """The row of a notebook that cannot be graded."""
    row = dict.fromkeys(sheet.COLUMNS, "")
    row |= {"student": one.student, "notebook": one.path, "digest": one.digest}
    return [{**row, "outcome": sheet.NOT_GRADED, "reason": one.problem or ""}]


def _parser() -> Parser:
    parser = Parser(
        prog="python -m kvmlab grade",
        description=ABOUT,
        epilog=AFTER,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("submissions", metavar="SUBMISSIONS", help="the folder with the notebooks")
    parser.add_argument("--out", metavar="FILE.csv", default="grades.csv", help="the table (default grades.csv)")
    jobs = os.cpu_count() or 1
    parser.add_argument(
        "--jobs", metavar="N", type=_whole, default=jobs, help="notebooks at a time (default: one a CPU)"
    )
    seconds = "how long a cell may take (default 60)"
    parser.add_argument("--seconds", metavar="S", type=_whole, default=60, help=seconds)
    memory = "megabytes of address space for each notebook (default 4096)"
    parser.add_argument("--memory", metavar="MB", type=_whole, default=4096, help=memory)
    parser.add_argument("--scheduler", metavar="ADDRESS", help="a Dask scheduler to hand the notebooks to")
    return parser


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 9 and int(text)):
        raise argparse.ArgumentTypeError(f"a whole number from 1 is needed, not {text!r}")
    return int(text)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return UNUSABLE
