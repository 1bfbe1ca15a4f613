"""The built site as files: links and anchors, weight, pictures, nothing fetched from elsewhere."""

from __future__ import annotations

import functools
import gzip
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

BUDGET = 450_000  # bytes of a chapter's first load, gzipped
LOADED = dict.fromkeys(("script", "img", "source", "iframe", "audio", "video", "embed"), "src")
# A browser fetches a font only when a page uses it: by these classes.
FONTS = {"fa-solid": ("fa-solid", "fas "), "fa-regular": ("fa-regular", "far "), "fa-brands": ("fa-brands", "fab ")}
LOADED_RELS = {"stylesheet", "preload", "icon", "modulepreload", "preconnect", "dns-prefetch", "manifest"}


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
        if tag == "link" and has.get("href") and LOADED_RELS & set((has.get("rel") or "").split()):
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


def first_load(html: Path, page: Path) -> dict[str, int]:
    """Return the gzipped size of the page and of everything a browser fetches with it."""
    files = {page}
    for load in parsed(page).loads:
        target = target_of(html, page, load)
        if target and target[0].exists():
            files.add(target[0])
    text = page.read_text(encoding="utf-8")
    for style in [file for file in files if file.suffix == ".css"]:
        for name in re.findall(r"url\(([^)]*\.woff2)", style.read_text(encoding="utf-8")):
            font, classes = next((each for each in FONTS.items() if each[0] in name), (name, ("",)))
            if font in name and any(f'class="{each}' in text or f" {each} " in text for each in classes):
                files.add((style.parent / name.strip("'\"")).resolve())
    return {str(file.relative_to(html)): len(gzip.compress(file.read_bytes(), 6, mtime=0)) for file in files}


def test_chapter_is_light_enough(html: Path, chapter_path: str) -> None:
    """At most 450 KB come over the wire when a chapter is opened first."""
    sizes = first_load(html, html / chapter_path)
    table = "\n".join(f"{size:>8} {name}" for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:12])
    assert sum(sizes.values()) <= BUDGET, f"{sum(sizes.values())} bytes:\n{table}"


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


def test_binder_button_opens_the_notebook_in_jupyterlab(html: Path) -> None:
    """Each notebook's page leads to that notebook."""
    for page in (html / "book").glob("[0-9]*.html"):
        wanted = f"?urlpath=lab/tree/book/{page.stem}.ipynb"
        binder = [link for link in parsed(page).links if link.startswith("https://mybinder.org/")]
        assert any(link.endswith(wanted) for link in binder), page
