"""Lint the exercises as content: is everything there that a reader, a teacher and the checks need?

Usage: python tools/check_exercises.py [NN…]

Looks at the notebooks in solutions/, then runs each as it is (every task must come out correct) and as a reader gets it
(no task may). Each complaint is a sentence that says what to do. The answers of the library are tested by
tests/practice/test_library.py.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT)]

from outputs import NotFit, read, written  # noqa: E402

from exercises import STUB, exercise  # noqa: E402  the tools are scripts, not a package
from kvmlab.practice.grading.sandbox import Limits, grade  # noqa: E402
from kvmlab.practice.library import answers  # noqa: E402
from kvmlab.practice.misconceptions import MISCONCEPTIONS, SPAN  # noqa: E402
from kvmlab.practice.task import CODE_KINDS, KINDS, Task, tasks  # noqa: E402

CHAPTERS = [f"{number:02}" for number in range(1, 11)]
TASKS_IN_ALL, TASKS_A_CHAPTER, KINDS_A_CHAPTER = 36, (3, 5), 3
WRONG, WRONG_WALKS, RIGHT_PROGRAMS = 3, 12, 2


def of_the_book(known: list[Task]) -> Iterator[str]:
    """What is wrong with all tasks together."""
    if len(known) < TASKS_IN_ALL:
        yield f"The book has {len(known)} tasks: write {TASKS_IN_ALL - len(known)} more."
    for kind in KINDS:
        if all(task.kind != kind for task in known):
            yield f"No task is of kind {kind}: write one."
    tagged = {tag for task in known for tag in task.misconceptions}
    for tag in MISCONCEPTIONS:
        if tag not in tagged:
            yield f"No task is about {tag}: write one, or tag the one that is."


def of_a_chapter(chapter: str, book: Path, path: Path | None) -> Iterator[str]:
    """What is wrong with the tasks of one chapter as far as can be seen without running them."""
    known = tasks(chapter)
    if path is None:
        yield f"Chapter {chapter} has no notebook solutions/{chapter}_….ipynb: write it."
        return
    least, most = TASKS_A_CHAPTER
    if not least <= len(known) <= most:
        yield f"Chapter {chapter} has {len(known)} tasks: make it {least} to {most}."
    if len({task.kind for task in known}) < KINDS_A_CHAPTER:
        yield f"The tasks of chapter {chapter} are of fewer than {KINDS_A_CHAPTER} kinds: vary them."
    for task in known:
        yield from of_a_task(task)
    yield from of_a_notebook(path, known)
    chapter_text = (book / path.name).read_text(encoding="utf-8")
    for folder in ("exercises", "solutions"):
        if f"../{folder}/{path.name}" not in chapter_text:
            yield f"book/{path.name} does not link to ../{folder}/{path.name}: add the link at its end."


def of_a_task(task: Task) -> Iterator[str]:
    """What is wrong with one task."""
    if not task.misconceptions:
        yield f"{task.id} names no misconception: say which of {SPAN} it is about."
    if not task.why.strip():
        yield f"{task.id} does not say why a right answer is right: write its `why`."
    if len(set(task.hints)) < 3 or not all(hint.strip() for hint in task.hints):
        yield f"{task.id} needs three different hints."
    wrong, right = answers(task.id, right=False), answers(task.id, right=True)
    least = WRONG_WALKS if task.id == "09.walk" else WRONG
    if len(wrong) < least:
        yield f"{task.id} has {len(wrong)} wrong answers in the library: think of {least - len(wrong)} more."
    needed = RIGHT_PROGRAMS if task.kind in CODE_KINDS else 1
    if len(right) < needed:
        yield f"{task.id} has {len(right)} right answers in the library: write {needed - len(right)} more, differently."
    for title, count in Counter(answer.title for answer in (*wrong, *right)).items():
        if count > 1:
            yield f"{task.id} has {count} answers with the title {title!r}: tell them apart."


def of_a_notebook(path: Path, known: tuple[Task, ...]) -> Iterator[str]:
    """What is missing around the tasks in the notebook at `path`."""
    name = f"solutions/{path.name}"
    cells = read(path).cells
    sources = [cell.source for cell in cells]
    for task in known:
        wanted = f'assert check("{task.id}").correct'
        if wanted not in sources:
            yield f"{name} has no check of {task.id}: add a locked cell with {wanted!r}."
            continue
        at = sources.index(wanted)
        marks = cells[at].metadata.get("nbgrader", {})
        if not (marks.get("grade") and marks.get("locked") and not marks.get("solution")):
            yield f"The check of {task.id} in {name} is not locked and graded: set its nbgrader metadata."
        elif marks.get("points") != task.points:
            yield f"The check of {task.id} in {name} is worth {marks.get('points')} points: make it {task.points}."
        before = range(at - 1, -1, -1)
        answer = next((number for number in before if cells[number].metadata.get("nbgrader", {}).get("solution")), None)
        if answer is None or any("check(" in source for source in sources[answer:at]):
            yield f"{task.id} in {name} has no cell for the answer before its check: add one with a solution region."
        elif "### BEGIN SOLUTION" not in sources[answer]:
            yield f"The answer to {task.id} in {name} has no '### BEGIN SOLUTION': mark the solution."
        if not any(cells[number].cell_type == "markdown" and "## " in sources[number] for number in before):
            yield f"{task.id} in {name} has no task text: write one under a heading of its own."
        if f'hints("{task.id}")' not in sources:
            yield f'{name} has no hints for {task.id}: add a cell with hints("{task.id}").'
    for found in re.findall(r'check\("([^"]+)"\)', "\n".join(sources)):
        if found not in {task.id for task in known}:
            yield f"{name} checks {found}, and there is no such task: declare it in kvmlab/practice/tasks."


def of_a_run(path: Path, chapter: str) -> Iterator[str]:
    """What comes out when the notebook is run, solved and as the reader gets it."""
    solved = read(path)
    try:
        starter = exercise(solved, path.name)
    except NotFit as reason:
        yield str(reason)
        return
    if STUB not in written(starter):
        yield f"exercises/{path.name} has no TODO: mark the solutions in solutions/{path.name}."
    for row in grade(content(solved), chapter, Limits()):
        if row["outcome"] != "correct":
            yield f"The solution of {row['task']} is {row['outcome']}: {row['reason']} Put it right."
    for row in grade(content(starter), chapter, Limits()):
        if row["outcome"] not in ("not attempted", "not yet"):
            yield f"{row['task']} is {row['outcome']} before the reader has done anything: leave more to do."


def content(notebook: Any) -> bytes:
    """Return the file of `notebook`."""
    return json.dumps(notebook).encode()


def complaints(chapters: list[str]) -> list[str]:
    """All that is wrong with the exercises of `chapters`, in order."""
    paths = {path.name[:2]: path for path in sorted((ROOT / "solutions").glob("*.ipynb"))}
    found = list(of_the_book(list(tasks()))) if chapters == CHAPTERS else []
    for chapter in chapters:
        found += of_a_chapter(chapter, ROOT / "book", paths.get(chapter))
    there = [chapter for chapter in chapters if chapter in paths]
    with ThreadPoolExecutor(2) as pool:
        for run in pool.map(lambda chapter: list(of_a_run(paths[chapter], chapter)), there):
            found += run
    return found


def table() -> str:
    """How many tasks, kinds, misconceptions and wrong answers there are, by chapter."""
    lines = ["chapter  tasks  kinds                                misconceptions             wrong  right"]
    for chapter in CHAPTERS:
        known = tasks(chapter)
        kinds = ", ".join(kind for kind in KINDS if any(task.kind == kind for task in known))
        tags = " ".join(tag for tag in MISCONCEPTIONS if any(tag in task.misconceptions for task in known))
        wrong, right = (sum(len(answers(task.id, right=side)) for task in known) for side in (False, True))
        lines.append(f"{chapter:7}  {len(known):5}  {kinds:36} {tags:25}  {wrong:5}  {right:5}")
    known_all = tasks()
    wrong, right = (sum(len(answers(task.id, right=side)) for task in known_all) for side in (False, True))
    lines.append(f"in all   {len(known_all):5}  {'':36} {'':25}  {wrong:5}  {right:5}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Complain about the chapters on the command line, all of them if there are none; return the exit code."""
    unknown = [one for one in arguments if one not in CHAPTERS]
    if unknown:
        print(f"{unknown[0]!r} is no chapter with exercises: write 01 to 10.", file=sys.stderr)
        return 2
    found = complaints(arguments or CHAPTERS)
    for sentence in found:
        print(sentence, file=sys.stderr)
    if not found and not arguments:
        print(table())
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
