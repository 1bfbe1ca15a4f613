"""Find the notebooks that were submitted: whose each is, and which chapter it answers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kvmlab.practice.task import tasks

TASK = re.compile(r"""\bcheck\(\s*["'](\d\d)\.""")
NUMBERED = re.compile(r"(?:^|[^0-9])(\d\d)_[a-z]")


@dataclass(frozen=True)
class Submission:
    """A notebook that was submitted.

    Attributes:
        student: whose it is: the folder in which it lies, or its own name if it lies in none.
        path: where it is, relative to the folder of submissions.
        chapter: the chapter that it answers, ``"09"``; None if it does not say.
        content: the file.
        problem: why it cannot be graded, as a sentence; None if it can.
    """

    student: str
    path: str
    chapter: str | None
    content: bytes
    problem: str | None = None

    @property
    def digest(self) -> str:
        """A digest of the file."""
        return hashlib.sha256(self.content).hexdigest()[:16]


def submissions(folder: Path) -> Iterator[Submission]:
    """The notebooks below `folder`, in order: ``STUDENT.ipynb``, or ``STUDENT/…/NN_name.ipynb`` as in nbgrader."""
    for path in sorted(folder.rglob("*.ipynb")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") for part in parts):
            continue
        student = parts[0] if len(parts) > 1 else path.stem
        yield submission(student, "/".join(parts), path)


def submission(student: str, name: str, path: Path) -> Submission:
    """The notebook at `path`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return Submission(student, name, None, b"", f"The file cannot be read: {error.strerror or error}.")
    try:
        notebook = json.loads(content)
        fault = misshapen(notebook)
    except (ValueError, RecursionError):
        fault = "it is not JSON"
    if fault:
        return Submission(student, name, None, content, f"The file is not a notebook: {fault}.")
    chapter = chapter_of(notebook, notebook["cells"], path.stem)
    if chapter is None:
        problem = "It does not say which chapter it answers: no metadata, no number in its name, no check."
        return Submission(student, name, None, content, problem)
    if not tasks(chapter):
        return Submission(student, name, chapter, content, f"There are no tasks for chapter {chapter}.")
    return Submission(student, name, chapter, content)


def misshapen(notebook: Any) -> str | None:
    """What keeps `notebook` from being one, as part of a sentence; None if it is one."""
    if not isinstance(notebook, dict):
        return f"it is {_brief(notebook)}, not an object"
    if "cells" not in notebook:
        return "it has no cells"
    if not isinstance(notebook["cells"], list):
        return f"its cells are {_brief(notebook['cells'])}, not a list"
    for number, cell in enumerate(notebook["cells"], 1):
        if not isinstance(cell, dict):
            return f"cell {number} is {_brief(cell)}, not an object"
        kind, source, metadata = cell.get("cell_type"), cell.get("source", ""), cell.get("metadata", {})
        if not isinstance(kind, str):
            return f"the type of cell {number} is {_brief(kind)}, not a text"
        lines = source if isinstance(source, list) else [source]
        if wrong := [line for line in lines if not isinstance(line, str)]:
            return f"the source of cell {number} has {_brief(wrong[0])}, not a text"
        if not isinstance(metadata, dict):
            return f"the metadata of cell {number} are {_brief(metadata)}, not an object"
    return None


def _brief(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def chapter_of(notebook: Any, cells: list[dict[str, Any]], stem: str) -> str | None:
    """Which chapter a notebook answers: by what it was made from, else its name, else the checks in it."""
    metadata = notebook.get("metadata")
    ours = metadata.get("kvmlab") if isinstance(metadata, dict) else None
    origin = str(ours.get("made_from", "")) if isinstance(ours, dict) else ""
    for text in (origin.rpartition("/")[2], stem):
        if found := NUMBERED.search(text):
            return found[1]
    sources = ("".join(cell.get("source", "")) for cell in cells)
    numbers = {number for source in sources for number in TASK.findall(source)}
    return min(numbers) if numbers else None
