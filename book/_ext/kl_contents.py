"""The book's contents as a table that nobody has to keep.

    ```{contents-table}
    ```

It comes from `_toc.yml`. The titles and times are the chapters' own ("- **Time:** 45 minutes."), and a chapter with
exercises leads to them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
TIME = re.compile(r"^- \*\*Time:\*\* (an hour|\d+ (?:minutes|hours))", re.MULTILINE)
NUMBER = re.compile(r"book/0?(\d+)_")


def parts(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of the book: caption and files, the landing page left out."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    for part in toc.get("parts", [toc]):
        yield part.get("caption", ""), [chapter["file"] for chapter in part.get("chapters", ()) if "file" in chapter]


def words(root: Path, name: str) -> tuple[str, str, Path]:
    """Return the title of a page, how long it takes (empty where it does not say), and its file."""
    for suffix in (".ipynb", ".md"):
        path = (root / name).with_name(Path(name).name + suffix)
        if path.exists():
            break
    else:
        raise FileNotFoundError(f"{name} of _toc.yml is neither a notebook nor a Markdown file")
    text = path.read_text(encoding="utf-8")
    if suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    title, time = TITLE.search(text), TIME.search(text)
    return (title[1] if title else Path(name).name), (time[1] if time else ""), path


class ContentsTable(SphinxDirective):
    """``{contents-table}``."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        root, here = Path(self.env.srcdir), Path(self.env.doc2path(self.env.docname)).parent
        lines = ["| no. | chapter | time | practice |", "|--:|---|---|---|"]
        for caption, files in parts(root):
            if files and files[0].startswith("exercises/"):
                continue
            lines.append(f"| | **{caption}** | | |" if caption else "")
            for name in files:
                title, time, path = words(root, name)
                self.env.note_dependency(str(path))
                number = NUMBER.match(name)
                link = Path(os.path.relpath(path, here)).as_posix()
                practice = root / "exercises" / path.name
                tasks = f"[exercises]({Path(os.path.relpath(practice, here)).as_posix()})" if practice.exists() else ""
                lines.append(f"| {number[1] if number else ''} | [{title}]({link}) | {time} | {tasks} |")
        self.env.note_dependency(str(root / "_toc.yml"))
        return self.parse_text_to_nodes("\n".join(line for line in lines if line))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("contents-table", ContentsTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
