"""Print what comes over the wire when a page of the built site is opened first, gzipped.

Usage: python tools/weights.py [HTML]
"""

from __future__ import annotations

import gzip
import re
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
BUDGET = 450_000
"""Bytes, gzipped."""

# A browser fetches a font only when a page uses it: by these classes.
FONTS = {"fa-solid": ("fa-solid", "fas "), "fa-regular": ("fa-regular", "far "), "fa-brands": ("fa-brands", "fab ")}
LOADED_RELS = {"stylesheet", "preload", "icon", "modulepreload", "preconnect", "dns-prefetch", "manifest"}
SOURCES = re.compile(r'<(?:script|img|source|iframe|audio|video|embed)\b[^>]*?\ssrc="([^"]*)"')
LINKS = re.compile(r"<link\b[^>]*>")


@cache
def weight(path: Path) -> int:
    """Return the gzipped size of a file."""
    return len(gzip.compress(path.read_bytes(), 6, mtime=0))


def loaded(page: Path) -> set[Path]:
    """Return the page and the files of the site that a browser fetches with it."""
    text = page.read_text(encoding="utf-8")
    addresses = SOURCES.findall(text)
    for link in LINKS.findall(text):
        rel, href = re.search(r'rel="([^"]*)"', link), re.search(r'href="([^"]*)"', link)
        if rel and href and LOADED_RELS & set(rel[1].split()):
            addresses.append(href[1])
    parts = [urlsplit(address) for address in addresses]
    named = {(page.parent / unquote(each.path)).resolve() for each in parts if not each.scheme and not each.netloc}
    files = {page.resolve(), *(path for path in named if path.is_file())}
    for style in [file for file in files if file.suffix == ".css"]:
        for name in re.findall(r"url\(([^)]*\.woff2)", style.read_text(encoding="utf-8")):
            font, classes = next((each for each in FONTS.items() if each[0] in name), (name, ("",)))
            if font in name and any(f'class="{each}' in text or f" {each} " in text for each in classes):
                files.add((style.parent / name.strip("'\"")).resolve())
    return files


def first_load(page: Path) -> dict[Path, int]:
    """Return the weight of each file that a browser fetches when it opens `page`."""
    return {file: weight(file) for file in loaded(page)}


def pages(html: Path) -> list[Path]:
    """Return the pages of the site."""
    found = (path for path in html.rglob("*.html") if path.relative_to(html).parts[0] != "_static")
    return sorted(
        path for path in found if path.name not in ("genindex.html", "404.html") and path != html / "index.html"
    )


def main(arguments: list[str]) -> int:
    """Print the table; return the exit code."""
    html = Path(arguments[0]).resolve() if arguments else HTML
    if not (html / "index.html").exists():
        print("The site is not built: run 'make book' first.", file=sys.stderr)
        return 1
    code = 0
    print(f"{'page':<44} {'page, KB':>9} {'with all it loads, KB':>22}")
    for page in pages(html):
        total = sum(first_load(page).values())
        code = code or int(total > BUDGET)
        mark = "  too heavy" if total > BUDGET else ""
        print(f"{page.relative_to(html)!s:<44} {weight(page) / 1000:>9.1f} {total / 1000:>22.1f}{mark}")
    print(f"gzipped; at most {BUDGET // 1000} KB a page")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
