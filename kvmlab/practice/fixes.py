"""The wrong fixes of the chapters, read from the chapters: each is kept in one place, the cell that shows it.

Such a cell has metadata ``"kvmlab": {"wrong": "ch09/walk_unpinned", "misconception": "M11"}``. It defines the program,
explores it and asserts what comes out; the tests of the notebooks run it.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"ch(0[1-9]|1[01])/[a-z0-9_]+")


@dataclass(frozen=True)
class Fix:
    """A wrong fix.

    Attributes:
        name: ``ch09/walk_unpinned``.
        misconception: the one that it shows; empty if it is none of the eleven.
        chapter: the notebook's name.
        source: the whole cell.
    """

    name: str
    misconception: str
    chapter: str
    source: str

    @property
    def program(self) -> str:
        """What the cell defines before it explores: the wrong program without what is said about it."""
        kept = []
        for statement in ast.parse(self.source).body:
            text = ast.get_source_segment(self.source, statement) or ""
            if isinstance(statement, (ast.Expr, ast.Assert)) or "explore(" in text or "lockdep(" in text:
                break
            kept.append(text)
        return "\n\n\n".join(kept)


def fixes(book: Path) -> Iterator[Fix]:
    """The wrong fixes of all chapters in the folder `book`, in order."""
    for path in sorted(book.glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            marks = cell["metadata"].get("kvmlab", {})
            if "wrong" in marks:
                yield Fix(marks["wrong"], marks.get("misconception", ""), path.name, "".join(cell["source"]))
