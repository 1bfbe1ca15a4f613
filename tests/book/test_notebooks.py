"""What every committed notebook keeps to. Whether its outputs are still true, nbval checks (`make notebooks`)."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from outputs import is_normal  # noqa: E402  the tools are scripts, not a package

# Exercises are made from solutions/ and have no outputs; tests/tools/test_exercises.py holds the two together.
NOTEBOOKS = sorted(path for folder in ("book", "solutions") for path in (ROOT / folder).glob("*.ipynb"))
STEM = re.compile(r"[a-z0-9_]+")
UNCOMPARED_TAGS = {"nbval-skip", "nbval-ignore-output", "skip-execution"}
# What differs from run to run or from machine to machine.
UNSTABLE = {
    "a memory address": re.compile(r"\b0x[0-9a-f]{6,}", re.IGNORECASE),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|work|usr|opt|var|private|srv)/|[A-Z]:\\"),
    "a kernel's temporary file": re.compile(r"ipykernel_\d+"),
    "a thread's own number": re.compile(r"Thread-\d+ \(|\bident=\d+|140\d{12}"),
    "a measured time": re.compile(r"\b\d+(?:\.\d+)? ?(?:µs|μs|ns|ms)\b|\b\d+\.\d+ ?(?:s|seconds)\b"),
    "a colour code of a terminal": re.compile("\x1b\\["),
}

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=[str(path.relative_to(ROOT)) for path in NOTEBOOKS])


def code_cells(path: Path) -> list[tuple[int, Any]]:
    """Return the code cells of the notebook at `path` that hold code, each with its place in the notebook."""
    cells = nbformat.read(path, as_version=4).cells
    return [(n, cell) for n, cell in enumerate(cells, 1) if cell.cell_type == "code" and cell.source.strip()]


def texts(cell: Any) -> list[str]:
    """Return the text outputs of `cell`."""
    return [
        out.text
        if out.output_type == "stream"
        else out.data.get("text/plain", "")
        if "data" in out
        else f"{out.ename}: {out.evalue}"
        for out in cell.outputs
    ]


def test_every_cell_was_run_and_will_be_compared(path: Path) -> None:
    """nbval says nothing about a cell that was never run, so a notebook must have been run from top to bottom."""
    cells = code_cells(path)
    assert cells, f"{path.name} has no code to compare."
    never = [n for n, cell in cells if cell.execution_count is None]
    assert not never, f"Cells {never} of {path.name} were never run: run 'make outputs NB={path.relative_to(ROOT)}'."
    counts = [cell.execution_count for _, cell in cells]
    assert counts == list(range(1, len(counts) + 1)), (
        f"{path.name} was not run from top to bottom: run 'make outputs NB={path.relative_to(ROOT)}'."
    )
    skipped = [
        n
        for n, cell in cells
        if UNCOMPARED_TAGS & set(cell.metadata.get("tags", [])) or re.search("NBVAL_(SKIP|IGNORE)", cell.source)
    ]
    assert not skipped, f"Cells {skipped} of {path.name} are not compared: make their output the same in every run."


def test_a_cell_that_may_raise_does(path: Path) -> None:
    """The tag means "may raise"; the book means "does raise", so the error is committed and compared."""
    silent = [
        n
        for n, cell in code_cells(path)
        if {"raises-exception", "nbval-raises-exception"} & set(cell.metadata.get("tags", []))
        and not any(out.output_type == "error" for out in cell.outputs)
    ]
    assert not silent, f"Cells {silent} of {path.name} are tagged raises-exception and raise nothing: take the tag off."


def test_outputs_are_text_only_and_in_normal_form(path: Path) -> None:
    """One tool writes what is committed, so that a diff shows what changed and nothing else."""
    assert is_normal(path), f"Run 'make outputs NB={path.relative_to(ROOT)}'."


def test_outputs_are_the_same_on_every_machine(path: Path) -> None:
    """No address, path, time or thread number reaches a page."""
    found = [
        f"cell {n} shows {what}: {match[0]!r}"
        for n, cell in code_cells(path)
        for text in texts(cell)
        for what, pattern in UNSTABLE.items()
        if (match := pattern.search(text))
    ]
    assert found == []


def test_nothing_is_written_to_stderr(path: Path) -> None:
    """A warning or a progress bar is not part of the book."""
    noisy = [n for n, cell in code_cells(path) for out in cell.outputs if out.get("name") == "stderr"]
    assert noisy == []


def test_nothing_sleeps(path: Path) -> None:
    """No result of the book depends on how long something takes."""
    found = []
    for n, cell in code_cells(path):
        lines = cell.source.splitlines()
        source = "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in lines)
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue  # a cell that shows a mistake; running it is what the book is about
        for node in ast.walk(tree):
            named = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            imported = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom | ast.Import) else []
            if named == "sleep" or {"sleep", "time"} & set(imported):
                found.append(f"cell {n}, line {getattr(node, 'lineno', '?')}")
    assert not found, (
        f"{path.name} sleeps or takes the time ({', '.join(found)}): let the explorer decide who goes first."
    )


def test_no_answer_stands_above_its_question(path: Path) -> None:
    """A question's cell says which answer is right, so the page does not show it."""
    seen = [
        n
        for n, cell in code_cells(path)
        if re.search(r"\bright=", cell.source) and "remove-input" not in cell.metadata.get("tags", [])
    ]
    assert not seen, f"Cells {seen} of {path.name} show an answer: put the question in a cell tagged remove-input."


def test_the_file_name_can_stand_in_a_link(path: Path) -> None:
    """Lower case, digits and underscores only."""
    assert STEM.fullmatch(path.stem)
