"""The library of answers: right ones and plausible wrong ones, as runnable code, with what to say about each.

``answers/chNN/<task>/wrong/<name>.py`` and ``…/right/<name>.py`` are ordinary programs. The docstring at the head of a
wrong one says which misconception it shows, and has the feedback::

    \"\"\"Puts the reference while it holds kvm_lock.

    misconception: M11
    feedback: A put would never wait if it could not be the last. Yours can be …
    \"\"\"

Nobody writes down how a wrong answer looks to the engine. Each is judged, and its *shape* (what was found, without
names that a reader chose) is kept in ``answers/chNN/shapes.json``. A reader's answer with the same shape makes the same
mistake, and gets the same feedback. A test judges the whole library again, so feedback and engine cannot disagree.
"""

from __future__ import annotations

import ast
import hashlib
import json
import linecache
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kvmlab.errors import ScenarioError
from kvmlab.practice.bench import Bench, Finding
from kvmlab.practice.task import Task, judge, tasks

ANSWERS = Path(__file__).parent / "answers"


@dataclass(frozen=True)
class Answer:
    """One answer of the library.

    Attributes:
        task: the task's id.
        name: the file's name, without ``.py``.
        right: whether it is a right one.
        title: its first line.
        misconception: what a wrong one shows, ``M11``; empty if none of the eleven.
        feedback: what to say to whoever gives a wrong one.
        source: the program.
    """

    task: str
    name: str
    right: bool
    title: str
    misconception: str
    feedback: str
    source: str

    @property
    def where(self) -> str:
        """What to call its file."""
        chapter, task = self.task.split(".")
        return f"ch{chapter}/{task}/{'right' if self.right else 'wrong'}/{self.name}.py"

    @property
    def digest(self) -> str:
        """Changes when the program does."""
        return _digest(self.source)

    def namespace(self) -> dict[str, Any]:
        """What the program defines: it is run, as a cell of a notebook would be."""
        filename = f"<{self.where}>"
        linecache.cache[filename] = (len(self.source), None, self.source.splitlines(keepends=True), filename)
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(self.source, filename, "exec"), names)
        return names

    def judged(self, task: Task, seconds: float | None = None) -> Bench:
        """The bench on which it was tried."""
        bench = Bench(seconds=seconds)
        judge(task, self.namespace(), bench)
        return bench


def answers(task_id: str, right: bool | None = None) -> tuple[Answer, ...]:
    """The answers to a task, by name; only the right or the wrong ones if asked for."""
    chapter, name = task_id.split(".")
    return tuple(
        read(task_id, path, sort == "right")
        for sort in ("right", "wrong")
        if right in (None, sort == "right")
        for path in sorted((ANSWERS / f"ch{chapter}" / name / sort).glob("*.py"))
    )


def read(task_id: str, path: Path, right: bool) -> Answer:
    """The answer in the file at `path`.

    Raises:
        ScenarioError: its docstring lacks what it must have.
    """
    source = path.read_text(encoding="utf-8")
    doc = ast.get_docstring(ast.parse(source)) or ""
    title, _, rest = doc.partition("\n")
    fields = dict(re.findall(r"^(misconception|feedback): ?((?:.|\n)+?)(?=^\w+: |\Z)", rest, re.MULTILINE))
    fields = {key: " ".join(value.split()) for key, value in fields.items()}
    if not title.strip() or (not right and "feedback" not in fields):
        raise ScenarioError(
            f"{path.name} needs a docstring: a title in the first line, and for a wrong answer the lines "
            "'misconception: M…' and 'feedback: …'"
        )
    return Answer(
        task_id, path.stem, right, title.strip(), fields.get("misconception", ""), fields.get("feedback", ""), source
    )


def shapes(findings: Sequence[Finding]) -> tuple[str, str]:
    """A short form of all that was found, and of the first finding."""
    return _digest(repr(sorted({repr(one.shape) for one in findings}))), _digest(repr(findings[0].shape))


def feedback(task: Task, findings: Sequence[Finding]) -> Answer | None:
    """The wrong answer of the library that makes the same mistake; None if there is none, or no single one."""
    whole, first = shapes(findings)
    known = _known(task.chapter).get(task.name, {})
    listed = [(one, known[one.name]) for one in answers(task.id, right=False) if one.name in known]
    fresh = [(one, entry) for one, entry in listed if entry["source"] == one.digest]
    for key, shape in (("all", whole), ("first", first)):
        same = [one for one, entry in fresh if entry[key] == shape]
        if same and len({one.feedback for one in same}) == 1:
            return same[0]
    return None


def measured(task: Task) -> dict[str, dict[str, str]]:
    """The shapes of all wrong answers to `task`, found by judging them."""
    found = {}
    for one in answers(task.id, right=False):
        findings = in_order(one.judged(task).findings)
        if findings:
            whole, first = shapes(findings)
            found[one.name] = {"source": one.digest, "all": whole, "first": first}
    return found


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """What is shown first comes first: what goes wrong, then what breaks a rule and has not gone wrong yet."""
    return sorted(findings, key=lambda one: one.kind in ("rule", "reason"))


def write(chapter: str) -> Path:
    """Judge the wrong answers of a chapter and write down their shapes; return the file."""
    path = _shapes_file(chapter)
    found = {one.name: measured(one) for one in tasks(chapter)}
    path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    _known.cache_clear()
    return path


def written(chapter: str) -> dict[str, dict[str, dict[str, str]]]:
    """What the file of a chapter says."""
    path = _shapes_file(chapter)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


@cache
def _known(chapter: str) -> dict[str, dict[str, dict[str, str]]]:
    return written(chapter)


def _shapes_file(chapter: str) -> Path:
    return ANSWERS / f"ch{chapter}" / "shapes.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def everything() -> Iterator[tuple[Task, Answer]]:
    """Every task with each of its answers."""
    for one in tasks():
        for given in answers(one.id):
            yield one, given
