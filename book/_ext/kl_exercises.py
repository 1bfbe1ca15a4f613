"""Pages of exercises/ say where to do them; pages of solutions/ are called so, and each solution is folded.

The notebooks themselves stay as nbgrader and the reader need them.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import Any

from sphinx.application import Sphinx

WHERE = """

**To do them,** run `make practice` and then `make lab`: your copy is `my/{name}.ipynb`. Or open it
[in Binder]({binder}/v2/gh/{repository}/{branch}?urlpath=lab/tree/my/{name}.ipynb), with nothing to install."""


def read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Change the text of such a page before it is read."""
    folder, _, name = docname.partition("/")
    if folder not in ("exercises", "solutions"):
        return
    notebook = json.loads(source[0])
    title, options = notebook["cells"][0], app.config.html_theme_options
    text = "".join(title["source"])
    if folder == "exercises":
        title["source"] = text + WHERE.format(
            name=name,
            binder=options["launch_buttons"]["binderhub_url"],
            repository="/".join(PurePosixPath(options["repository_url"]).parts[-2:]),
            branch=options["repository_branch"],
        )
    else:
        title["source"] = text.replace("# Exercises:", "# Solutions:", 1)
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
                cell["metadata"].setdefault("tags", []).append("hide-input")
    source[0] = json.dumps(notebook)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.connect("source-read", read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
