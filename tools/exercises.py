"""Make exercises/ from solutions/, and the reader's copies in my/ from exercises/.

Usage: python tools/exercises.py make [--check] | practice

`make` takes the solutions out, with nbgrader's own preprocessors, and leaves a TODO for each. It refuses to overwrite
a file that is not what it last wrote. With --check nothing is written: it says which files differ. `practice` copies
what is not in my/ yet, and never touches what is.
"""

from __future__ import annotations

import copy
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
from outputs import NotFit, normal_form, read, written

ROOT = Path(__file__).resolve().parent.parent
SOURCE, MADE, MINE = "solutions", "exercises", "my"
STUB = "pass  # TODO: your answer"
WORDS = "*TODO: your answer, in a sentence or two.*"
FOR_TEACHERS = "teacher"
FOLDED = "hide-input"
NOT_TO_STOP_AT = ["raises-exception", "remove-output"]
"""Tags of a check: before there is an answer it fails, which is no error of the page and not worth showing there."""


def exercise(solution: Any, name: str) -> Any:
    """Return the notebook that the reader starts from: no solution, no output, no note for teachers.

    Raises:
        NotFit: a solution region is not closed, or outside of a solution cell.
    """
    from nbgrader.preprocessors import ClearOutput, ClearSolutions, LockCells

    made = copy.deepcopy(solution)
    made.cells = [cell for cell in made.cells if FOR_TEACHERS not in tags(cell)]
    steps = [ClearSolutions(code_stub={"python": STUB}, text_stub=WORDS), LockCells(), ClearOutput()]
    try:
        for step in steps:
            step.log.disabled = True
            made, _ = step.preprocess(made, {})
    except RuntimeError as error:
        raise NotFit(f"{name}: {error}") from None
    for cell in made.cells:
        marks = cell.metadata.get("nbgrader", {})
        kept = [tag for tag in tags(cell) if not (tag == FOLDED and marks.get("solution"))]
        cell.metadata["tags"] = kept + NOT_TO_STOP_AT * bool(marks.get("grade") and not marks.get("solution"))
        if not cell.metadata["tags"]:
            del cell.metadata["tags"]
    made = normal_form(made, name)
    made.metadata["kvmlab"] = {"made_from": f"{SOURCE}/{name}", "digest": digest(made)}
    return made


def tags(cell: Any) -> list[str]:
    """Return the tags of `cell`."""
    return list(cell.metadata.get("tags", []))


def digest(notebook: Any) -> str:
    """Return a digest of what `notebook` says: its cells, with their marks and without outputs."""
    said = [(cell.cell_type, cell.source, cell.metadata) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def is_ours(path: Path) -> bool:
    """Return whether the file at `path` is as `make` wrote it."""
    notebook = read(path)
    return bool(notebook.metadata.get("kvmlab", {}).get("digest") == digest(notebook))


def make(root: Path, check: bool) -> int:
    """Write or compare every exercise; return the exit code."""
    code = 0
    sources = sorted((root / SOURCE).glob("*.ipynb"))
    for source in sources:
        target = root / MADE / source.name
        try:
            text = written(exercise(read(source), source.name))
            if target.exists() and target.read_text(encoding="utf-8") == text:
                continue
            if check:
                raise NotFit(f"{MADE}/{source.name} is not what {SOURCE}/{source.name} makes: run 'make exercises'.")
            if target.exists() and not is_ours(target):
                raise NotFit(
                    f"{MADE}/{source.name} was edited by hand and is left as it is: carry the edit over to "
                    f"{SOURCE}/{source.name}, delete {MADE}/{source.name}, and run 'make exercises' again."
                )
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
            print(f"{MADE}/{source.name}: written")
        except NotFit as reason:
            print(reason, file=sys.stderr)
            code = 1
    names = {source.name for source in sources}
    for extra in sorted(path.name for path in (root / MADE).glob("*.ipynb") if path.name not in names):
        print(f"{MADE}/{extra} has no {SOURCE}/{extra} to be made from: delete it or write that.", file=sys.stderr)
        code = 1
    return code


def practice(root: Path) -> int:
    """Copy the exercises that are not in my/ yet; return the exit code."""
    mine = root / MINE
    mine.mkdir(exist_ok=True)
    fresh = 0
    for source in sorted((root / MADE).glob("*.ipynb")):
        try:
            with open(mine / source.name, "x", encoding="utf-8") as target:
                target.write(source.read_text(encoding="utf-8"))
            fresh += 1
        except FileExistsError:
            continue
    kept = len(list(mine.glob("*.ipynb"))) - fresh
    print(f"{MINE}/: {fresh} new, {kept} left as {'it was' if kept == 1 else 'they were'}.")
    return 0


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Do what the command line says; return the exit code."""
    if arguments in (["make"], ["make", "--check"]):
        return make(root, "--check" in arguments)
    if arguments == ["practice"]:
        return practice(root)
    print("Usage: python tools/exercises.py make [--check] | practice", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
