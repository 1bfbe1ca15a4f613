"""The table of grades: a CSV file with a row for each student and task."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from pathlib import Path

from kvmlab.practice.grading.submissions import Submission

COLUMNS = ("student", "notebook", "digest", "task", "outcome", "points", "of", "reason")
NOT_GRADED = "not graded"

Row = dict[str, str]


class BadSheet(Exception):
    """A file that is there and is no table of grades; the text is a sentence."""


def read(path: Path) -> list[Row]:
    """The rows of the table at `path`; none if there is no such file.

    Raises:
        BadSheet: it is something else.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file)
            rows = list(table)
            if table.fieldnames is not None and tuple(table.fieldnames) != COLUMNS:
                raise BadSheet(f"{path} is no table of grades: its columns are {', '.join(table.fieldnames)[:80]}.")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadSheet(f"{path} cannot be read as a table of grades: {error}.") from None
    return rows


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write the table, whole or not at all, sorted by student, notebook and task."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(sorted(rows, key=lambda row: (row["student"], row["notebook"], row["task"])))
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text.getvalue(), encoding="utf-8")
    os.replace(draft, path)


def done(rows: Iterable[Row], found: Submission) -> bool:
    """Whether `rows` have the grades of `found` as it is now."""
    of_it = [row for row in rows if row["notebook"] == found.path]
    return bool(of_it) and all(row["digest"] == found.digest and row["outcome"] != NOT_GRADED for row in of_it)
