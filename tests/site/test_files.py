"""The built site as files: links and anchors, weight, pictures, nothing fetched from elsewhere."""

from __future__ import annotations

import functools
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.site.conftest import contents, pages, source

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import weights  # noqa: E402  the tools are scripts, not a package

LOADED = dict.fromkeys(("script", "img", "source", "iframe", "audio", "video", "embed"), "src")


class Page(HTMLParser):
    """What a page links to, loads, and can be linked to by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.svgs: list[dict[str, str | None]] = []
        self.images: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of one element."""
        has = dict(attrs)
        self.anchors |= {value for key in ("id", "name") if (value := has.get(key))}
        if tag == "a" and has.get("href"):
            self.links.append(str(has["href"]))
        if tag in LOADED and has.get(LOADED[tag]):
            self.loads.append(str(has[LOADED[tag]]))
        if tag == "link" and has.get("href") and weights.LOADED_RELS & set((has.get("rel") or "").split()):
            self.loads.append(str(has["href"]))
        if tag == "svg":
            self.svgs.append(has)
        if tag == "img":
            self.images.append(has)


@functools.cache
def parsed(path: Path) -> Page:
    """Return the page at `path`."""
    return Page(path.read_text(encoding="utf-8"))


def target_of(html: Path, page: Path, link: str) -> tuple[Path, str] | None:
    """Return the file and anchor that `link` on `page` leads to, or None when it leaves the site."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    file = page if not path else html / path.lstrip("/") if path.startswith("/") else (page.parent / path).resolve()
    return (file / "index.html" if file.is_dir() else file), unquote(parts.fragment)


def test_links_and_anchors_lead_somewhere(html: Path, page_path: str) -> None:
    """Every link inside the site has its file and its anchor."""
    page, broken = html / page_path, []
    for link in parsed(page).links:
        target = target_of(html, page, link)
        if target is None:
            continue
        file, anchor = target
        if not file.exists():
            broken.append(f"{link}: no such page")
        elif anchor and file.suffix == ".html" and anchor not in parsed(file).anchors:
            broken.append(f"{link}: no such anchor")
    assert broken == []


def test_weekly_job_looks_at_the_links_of_every_page(html: Path) -> None:
    """Those that leave the site; the status page and the exercises have some, too."""
    job = (ROOT / ".github" / "workflows" / "links.yml").read_text(encoding="utf-8")
    seen = {path for pattern in re.findall(r"'(_build/html/[^']*)'", job) for path in ROOT.glob(pattern)}
    assert [page for page in pages() if html / page not in seen] == []


def test_page_loads_nothing_from_elsewhere(html: Path, page_path: str) -> None:
    """Scripts, styles, images and fonts are the site's own; so is what the styles load."""
    page, found = html / page_path, []
    for load in parsed(page).loads:
        target = target_of(html, page, load)
        if load.startswith("data:"):
            continue
        if target is None:
            found.append(load)
        elif not target[0].exists():
            found.append(f"{load}: no such file")
        elif target[0].suffix == ".css":
            style = target[0].read_text(encoding="utf-8")
            found += [match[0] for match in re.finditer(r"""(?:url\(|@import)\s*['"]?(?:https?:)?//[^)'";]*""", style)]
    assert found == []


def test_page_is_light_enough(html: Path, page_path: str) -> None:
    """At most 450 KB come over the wire when a page is opened first."""
    sizes = weights.first_load(html / page_path)
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:12]
    table = "\n".join(f"{size:>8} {file.relative_to(html)}" for file, size in heaviest)
    assert weights.BUDGET == 450_000
    assert sum(sizes.values()) <= weights.BUDGET, f"{sum(sizes.values())} bytes:\n{table}"


def test_weights_count_what_a_page_loads(html: Path) -> None:
    """The page itself, a style sheet, a script and the font of the signs are among it."""
    suffixes = {file.suffix for file in weights.loaded(html / "book" / "index.html")}
    assert {".html", ".css", ".js", ".svg", ".woff2"} <= suffixes


def test_every_picture_has_its_words(html: Path, chapter_path: str) -> None:
    """A drawing has role=img and an aria-label, an image an alt; what only decorates is hidden."""
    page = parsed(html / chapter_path)
    bare = [
        svg
        for svg in page.svgs
        if svg.get("aria-hidden") != "true" and not (svg.get("role") == "img" and svg.get("aria-label"))
    ]
    assert bare == []
    assert [image for image in page.images if image.get("alt") is None] == []


def test_no_widget_is_left_without_its_kernel(html: Path, chapter_path: str) -> None:
    """What a widget shows in the live notebook, the page says in its own words."""
    text = (html / chapter_path).read_text(encoding="utf-8")
    assert "application/vnd.jupyter.widget" not in text
    assert re.findall(r"<pre><span></span>(?:[HV]?Box|Dropdown|RadioButtons|Button|\w*Slider|Output)\(.*", text) == []


def test_notebook_can_be_opened_downloaded_and_edited(html: Path, notebook_path: str) -> None:
    """In Binder, as a file that is the notebook, and where its source is."""
    links = parsed(html / notebook_path).links
    name = notebook_path.removesuffix(".html")
    assert any(
        each.startswith("https://mybinder.org/") and each.endswith(f"?urlpath=lab/tree/{name}.ipynb") for each in links
    )
    assert any(each.endswith(f"/edit/main/{name}.ipynb") for each in links)
    download = next(each for each in links if "_sources/" in each and each.endswith(".ipynb"))
    target = target_of(html, html / notebook_path, download)
    assert target
    assert target[0].read_bytes() == (ROOT / f"{name}.ipynb").read_bytes()


def test_exercises_say_where_to_do_them_and_solutions_are_folded(html: Path) -> None:
    """A reader who looks for one solution does not meet the next."""
    for name in contents():
        folder, _, stem = name.partition("/")
        text = (html / f"{name}.html").read_text(encoding="utf-8")
        if folder == "exercises":
            assert f"my/{stem}.ipynb" in text
            assert "BEGIN SOLUTION" not in text
        if folder == "solutions":
            cells = json.loads(source(name).read_text(encoding="utf-8"))["cells"]
            solved = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("solution")]
            assert "<h1>Solutions:" in text
            assert text.count("tag_hide-input") == len([cell for cell in solved if cell["cell_type"] == "code"])
