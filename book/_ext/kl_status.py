"""A page that says when the book was last changed, what it was built with, and that every notebook ran."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Iterator, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.application import Sphinx

PAGE = "status"
PACKAGES = ("kvmlab", "greenlet", "graphviz", "jupyter-book", "Sphinx", "myst-nb", "sphinx-book-theme", "ipykernel")


def commit(root: Path) -> tuple[str, str]:
    """Return the date and the short name of the last commit; empty where there is no git."""
    asked = ["git", "log", "-1", "--format=%cs %h"]
    try:
        done = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "", ""
    date, _, name = done.stdout.strip().partition(" ")
    return date, name


def set_date(app: Sphinx, config: Any) -> None:
    """Have every page say when the book was last changed, rather than when it was built."""
    config.html_last_updated_fmt = commit(Path(app.srcdir))[0] or ""


def is_code_cell(node: nodes.Node) -> bool:
    """Return whether `node` is a cell of code."""
    return isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code"


def notebooks(app: Sphinx) -> Iterator[tuple[str, str, int, bool]]:
    """Yield for each notebook in the book: its page, title, how many code cells, and whether all of them ran."""
    for name in sorted(app.env.found_docs):
        ran = NbMetadataCollector.get_exec_data(app.env, name)
        if ran is None:
            continue
        cells = app.env.get_doctree(name).findall(is_code_cell)
        yield name, app.env.titles[name].astext(), sum(1 for _ in cells), ran["succeeded"]


def body(app: Sphinx) -> str:
    """Return what stands on the page."""
    date, name = commit(Path(app.srcdir))
    changed = f"<p>Last changed on {date}, in commit <code>{name}</code>.</p>" if date else ""
    ran = [
        (f'<a href="{page}.html">{escape(title)}</a>', str(cells), "all ran" if good else "failed")
        for page, title, cells, good in notebooks(app)
    ]
    versions = [("Python", platform.python_version()), *((package, version(package)) for package in PACKAGES)]
    return f"""<section id="status"><h1>Status</h1>{changed}
<p>The book is built only if every cell of every notebook runs, every assertion in them holds, and no page has a
warning.</p>
<h2>Notebooks</h2>{table(("notebook", "code cells", "this build"), ran)}
<h2>Built with</h2>{table(("package", "version"), versions)}</section>"""


def table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a table as the theme's own tables are."""
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        '<div class="pst-scrollable-table-container"><table class="table">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def add_link(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Lead to the page from the foot of every other."""
    link = context["pathto"](PAGE)
    context["theme_extra_footer"] = f'<p><a href="{link}">Status: versions, and what ran</a></p>'


def pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page."""
    yield PAGE, {"title": "Status", "body": body(app)}, "page.html"


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.connect("config-inited", set_date)
    app.connect("html-page-context", add_link)
    app.connect("html-collect-pages", pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
