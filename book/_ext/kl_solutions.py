"""Pages of solutions/: called so, and each solution folded until the reader opens it.

The notebooks themselves stay as nbgrader and the exercises need them.
"""

from __future__ import annotations

import json
from typing import Any

from sphinx.application import Sphinx


def fold(app: Sphinx, docname: str, source: list[str]) -> None:
    """Change the text of a page of solutions before it is read."""
    if not docname.startswith("solutions/"):
        return
    notebook = json.loads(source[0])
    title = notebook["cells"][0]
    title["source"] = "".join(title["source"]).replace("# Exercises:", "# Solutions:", 1)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            cell["metadata"].setdefault("tags", []).append("hide-input")
    source[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.connect("source-read", fold)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
