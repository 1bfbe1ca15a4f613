"""Progress: which tasks are done, kept in a file beside the notebooks, and on this machine only.

The file is written whole or not at all. If it cannot be read or written a check says so in a sentence and goes on: no
answer is lost for it. Nothing is written while notebooks are tested, built or graded.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from kvmlab.errors import ScenarioError
from kvmlab.notebook import shell
from kvmlab.practice.misconceptions import MISCONCEPTIONS
from kvmlab.practice.task import Task, task, tasks
from kvmlab.verdict import WIDTH, table

FILE = ".kvmlab-progress.json"
"""The file's name."""

VARIABLE = "KVMLAB_PROGRESS"
"""An environment variable: a path to keep the file at, or ``off``."""

OUTCOMES = {"not attempted": 0, "not yet": 1, "correct": 2}


class Unreadable(Exception):
    """The file holds no progress."""


class Progress:
    """What has been done, by task. ``progress()`` shows it; a check notes it."""

    def __call__(self) -> Report:
        """Which tasks are done, by chapter and by misconception."""
        try:
            return Report(self._read())
        except Unreadable as why:
            return Report({}, str(why))

    def note(self, one: Task, outcome: str) -> str:
        """Keep the outcome of a check; what was correct once stays so until it is reset.

        Return a sentence if that did not work, else nothing.
        """
        if not writes():
            return ""
        try:
            kept = self._read()
        except Unreadable as why:
            return str(why)
        before = kept.get(one.id, {"outcome": "not attempted", "tries": 0})
        after = {
            "outcome": max(before["outcome"], outcome, key=lambda each: OUTCOMES[each]),
            "tries": before["tries"] + (outcome != "not attempted"),
        }
        if after == before and one.id in kept:
            return ""
        return self._keep({**kept, one.id: after})

    def reset(self, task_id: str | None = None) -> str:
        """Forget one task, such as ``"09.walk"``, or with no argument all of them; say what was done.

        Raises:
            ScenarioError: there is no such task.
        """
        if task_id is not None:
            task(task_id)
            try:
                kept = self._read()
            except Unreadable as why:
                return str(why)
            if kept.pop(task_id, None) is None:
                return f"{task_id} was not in it."
            return self._keep(kept) or f"{task_id} is forgotten."
        file = path()
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            return f"{file.name} could not be removed: {error.strerror or error}."
        return "All progress is forgotten."

    def export(self) -> str:
        """The progress as text, a task a line, with a checksum that shows accidents (not cheats)."""
        try:
            kept = self._read()
        except Unreadable as why:
            return str(why)
        lines = ["kvmlab progress 1"]
        lines += [
            f"{name} {entry['outcome'].replace(' ', '-')} {entry['tries']}" for name, entry in sorted(kept.items())
        ]
        text = "\n".join(lines)
        return f"{text}\nchecksum {checksum(text)}"

    def _read(self) -> dict[str, Any]:
        file = path()
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            kept = data["tasks"]
            sound = isinstance(kept, dict) and all(
                isinstance(entry, dict) and entry.get("outcome") in OUTCOMES and type(entry.get("tries")) is int
                for entry in kept.values()
            )
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Unreadable(f"Your progress in {file.name} cannot be read: {error.strerror or error}.") from None
        except (ValueError, KeyError, TypeError, RecursionError):
            sound = False
        if not sound:
            raise Unreadable(
                f"The file {file.name} beside your notebooks is damaged, so progress is not kept. "
                "progress.reset() begins a new one."
            )
        return dict(kept)

    def _keep(self, kept: dict[str, Any]) -> str:
        """Write the file; return a sentence if that did not work, else nothing."""
        try:
            self._write(kept)
        except OSError as error:
            return f"Your progress could not be kept in {path().name}: {error.strerror or error}."
        return ""

    def _write(self, kept: dict[str, Any]) -> None:
        """Write the file whole: into a new one beside it, which then takes its name."""
        file = path()
        text = json.dumps({"kvmlab": 1, "tasks": dict(sorted(kept.items()))}, indent=1) + "\n"
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as new:
                new.write(text)
            os.replace(name, file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


class Report:
    """Progress to look at.

    Attributes:
        kept: by task, its outcome and how often it was tried.
        problem: why there is none to show; empty if there is.
    """

    def __init__(self, kept: dict[str, Any], problem: str = "") -> None:
        self.kept = kept
        self.problem = problem

    def __repr__(self) -> str:
        if self.problem:
            return self.problem
        every = tasks()
        done = [one for one in every if self._outcome(one) == "correct"]
        lines = [f"{len(done)} of {len(every)} tasks are correct."]
        by_chapter = {one.chapter: [each for each in every if each.chapter == one.chapter] for one in every}
        lines += [
            table([(f"chapter {int(name)}", self._bar(group), self._open(group)) for name, group in by_chapter.items()])
        ]
        tags = sorted({tag for one in every for tag in one.misconceptions}, key=lambda tag: int(tag[1:]))
        lines += ["By misconception:"]
        lines += [
            table(
                [
                    (tag, self._bar([one for one in every if tag in one.misconceptions]), MISCONCEPTIONS[tag])
                    for tag in tags
                ]
            )
        ]
        return "\n".join(line[:WIDTH] if "\n" not in line else line for line in lines)

    def _outcome(self, one: Task) -> str:
        return str(self.kept.get(one.id, {}).get("outcome", "not attempted"))

    def _bar(self, group: list[Task]) -> str:
        done = sum(self._outcome(one) == "correct" for one in group)
        return f"{done} of {len(group)}"

    def _open(self, group: list[Task]) -> str:
        tried = [one.name for one in group if self._outcome(one) == "not yet"]
        return f"not yet: {', '.join(tried)}" if tried else ""


def path() -> Path:
    """Where the file is: beside the notebooks, unless the variable says otherwise."""
    given = os.environ.get(VARIABLE, "")
    return Path(given) if given and given != "off" else Path.cwd() / FILE


def writes() -> bool:
    """Whether progress is kept here: where somebody works, or where a path was given."""
    given = os.environ.get(VARIABLE, "")
    if given:
        return given != "off"
    notebook = shell()
    if notebook is None or os.environ.get("CI") or os.environ.get("PYTEST_CURRENT_TEST"):
        return False
    kernel = getattr(notebook, "kernel", None)
    return kernel is None or bool(getattr(kernel, "_allow_stdin", False))


def checksum(text: str) -> str:
    """Eight characters that change when the text does."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def check_export(text: str) -> dict[str, str]:
    """The outcome by task from an exported text.

    Raises:
        ScenarioError: it was cut or changed on the way.
    """
    body, _, line = text.strip().rpartition("\n")
    if line != f"checksum {checksum(body)}":
        raise ScenarioError("the checksum does not fit the text: a line was cut or changed; export it again")
    rows = [row.split(" ") for row in body.splitlines()[1:]]
    return {name: outcome.replace("-", " ") for name, outcome, _ in rows}


progress = Progress()
