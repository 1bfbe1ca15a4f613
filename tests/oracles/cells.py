"""Code typed in a notebook, as far as a program can tell: compiled from a file that does not exist."""

from __future__ import annotations

import linecache
import tempfile
import textwrap
from itertools import count
from typing import Any

_NUMBERS = count(1)


def cell(source: str, **names: Any) -> dict[str, Any]:
    """Run `source` as a notebook cell in which `kvmlab` has been imported; return the notebook's names."""
    source = textwrap.dedent(source).lstrip("\n")
    filename = f"{tempfile.gettempdir()}/ipykernel_4711/{next(_NUMBERS)}.py"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    notebook: dict[str, Any] = {"__name__": "__main__", **names}
    exec("from kvmlab import *", notebook)
    exec(compile(source, filename, "exec"), notebook)
    return notebook


def written(text: str) -> str:
    """An expected text, as indented in a test."""
    return textwrap.dedent(text).strip("\n")
