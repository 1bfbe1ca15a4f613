"""What this site changes in its theme: less weight, no request to another host, controls that have names."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

SEARCH = Path(__file__).with_name("search.js")

THEME = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "use_fullscreen_button": False,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# Scripts and links that the theme and its extensions put on every page and that this site has no use for: Thebe (loaded
# twice, an error on every page), FontAwesome as a script (its font is there too), what draws ipywidgets without a
# kernel (4 MB from another host), and an advertisement slot.
UNWANTED = [
    r'<script[^>]*\bsrc="[^"]*(?:sphinx-thebe|fontawesome|require(?:\.min)?|embed-amd)\.js[^"]*"[^>]*></script>\s*',
    r'<link[^>]*\bhref="[^"]*(?:sphinx-thebe\.css|fontawesome\.js)[^"]*"[^>]*>\s*',
    r"<script>const THEBE_JS_URL[^<]*</script>\s*",
    r'<script type="text/x-thebe-config">.*?</script>\s*',
    r"<script>kernelName = [^<]*</script>\s*",
    r'<script type="application/vnd\.jupyter\.widget-(?:state|view)\+json">.*?</script>\s*',
    r'<div class="sidebar-primary-item">\s*<div id="ethical-ad-placement".*?</div>\s*</div>',
    r'(?<=/>)<meta name="viewport" content="width=device-width, initial-scale=1" />',
    r'\s*<meta name="viewport" content="width=device-width, initial-scale=1"/>(?=\s*<meta name="docsearch)',
]
MATHJAX = r'<script[^>]*\bsrc="[^"]*mathjax[^"]*"[^>]*></script>\s*|<script>window\.MathJax = .*?</script>\s*'

REPLACED = [
    # The only sign from a font of 118 KB.
    ('<i class="fab fa-github"></i>', '<i class="fa-solid fa-code-branch" aria-hidden="true"></i>'),
    ('<i class="fa', '<i aria-hidden="true" class="fa'),
    ('<summary><span class="toctree-toggle"', '<summary aria-label="Solutions"><span class="toctree-toggle"'),
    ('title="Toggle primary sidebar"', 'title="Contents of the book" aria-label="Contents of the book"'),
    ('title="Toggle secondary sidebar"', 'title="Contents of this page" aria-label="Contents of this page"'),
    ('class="dropdown-menu"', 'class="dropdown-menu dropdown-menu-end"'),
    (
        '<script src="_static/searchtools.js"></script>',
        f'<script src="_static/searchtools.js"></script>\n<script>\n{SEARCH.read_text(encoding="utf-8")}</script>',
    ),
]

# The file of a chapter says its number; the list of chapters and the page itself show it.
CHAPTER = re.compile(r"book/0?(\d+)_[^/]*\.html$")
LISTED = re.compile(r'(<li class="toctree-l1[^"]*"><a class="[^"]*" href="([^"]*)">)')

# Every stepper brings its script, so that a cell's output works alone; a page needs it once.
STEPPER = re.compile(r'<script class="lock-stepper-script">.*?</script>', re.DOTALL)

# The empty corner of a table is no heading.
CORNER = re.compile(r"<th\b([^>]*)>(\s*(?:<p>\s*</p>)?\s*)</th>")

# Characters of code that are never broken between two lines.
NAME = 22

DARK = 'html[data-theme="dark"]'

LEFT_BEHIND = ["scripts/fontawesome.js*", "sphinx-thebe.*", "**/*.map", "vendor/fontawesome/webfonts/*.ttf"]


def set_theme_options(app: Sphinx, config: Any) -> None:
    """Add our theme options to those that jupyter-book made (in _config.yml they would replace its launch buttons)."""
    config.html_theme_options = {**config.html_theme_options, **THEME}


def lean(page: str) -> str:
    """Return the HTML of `page` without what this site has no use for."""
    for pattern in UNWANTED:
        page = re.sub(pattern, "", page, flags=re.DOTALL)
    if 'class="math' not in page:
        page = re.sub(MATHJAX, "", page, flags=re.DOTALL)
    for old, new in REPLACED:
        page = page.replace(old, new)
    page = CORNER.sub(r"<td\1>\2</td>", page)
    scripts: set[str] = set()
    return STEPPER.sub(lambda found: "" if found[0] in scripts else scripts.add(found[0]) or found[0], page)


def numbered(page: str, name: str) -> str:
    """Return the HTML of the page at `name`, from the root of the site, with the numbers of the chapters."""

    def show(found: re.Match[str]) -> str:
        target = name if found[2] == "#" else posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
        chapter = CHAPTER.match(target)
        return f'{found[1]}<span class="kl-number">{chapter[1]}</span>' if chapter else found[1]

    page = LISTED.sub(show, page)
    chapter = CHAPTER.match(name)
    return page.replace("<h1>", f'<p class="kl-chapter">Chapter {chapter[1]}</p>\n<h1>') if chapter else page


def light_on_paper(style: str) -> str:
    """Return the colours of code, the dark ones for the screen only; on paper, and without a script, they are light."""
    light, dark, rest = style.partition(DARK)
    return light.replace('html[data-theme="light"]', "html[data-theme]") + f"@media screen {{\n{dark}{rest}\n}}\n"


def keep_names_whole(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Mark the code that is short enough to stay in one piece on the narrowest screen."""
    for code in doctree.findall(nodes.literal):
        if len(code.astext()) <= NAME:
            code["classes"].append("kl-name")


def finish(app: Sphinx, error: Exception | None) -> None:
    """Rewrite the finished pages and the colours of code, and drop the files that none of them loads any more."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    for path in out.rglob("*.html"):
        if "_static" not in path.parts:
            page = numbered(lean(path.read_text(encoding="utf-8")), path.relative_to(out).as_posix())
            path.write_text(page, encoding="utf-8")
    colours = out / "_static" / "pygments.css"
    colours.write_text(light_on_paper(colours.read_text(encoding="utf-8")), encoding="utf-8")
    for pattern in LEFT_BEHIND:
        for path in (out / "_static").glob(pattern):
            path.unlink()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.connect("config-inited", set_theme_options, priority=900)
    app.connect("doctree-resolved", keep_names_whole)
    app.connect("build-finished", finish, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
