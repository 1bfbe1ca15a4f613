"""Make one PDF of the whole book from the built site: _build/nothing-under-kvm_lock.pdf.

The articles of all pages, in reading order, become one page of HTML; Chromium prints it, with bookmarks and page
numbers. Scripts are left out, so that a stepper is its trace as a table, and what can be folded is open.

Usage: python tools/make_pdf.py [HTML [PDF]]
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import sys
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
HTML = ROOT / "_build" / "html"
PDF = ROOT / "_build" / "nothing-under-kvm_lock.pdf"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FOOTER = (
    '<p style="width: 100%; margin: 0 16mm; color: #56606d; font: 8pt sans-serif; text-align: right">'
    '<span class="pageNumber"></span> / <span class="totalPages"></span></p>'
)
LEFT_OUT = [
    r"<script\b.*?</script>",
    r"</?noscript>",
    r'<a class="headerlink"[^>]*>.*?</a>',
]
STYLE = """
  html { scroll-behavior: auto; }
  body { margin: 0; background: none; }
  article.bd-article { padding: 0; break-before: page; }
  .cover { padding-top: 60mm; text-align: center; }
  .cover p { color: var(--kl-muted); }
  .whole-book { break-before: page; }
  .whole-book h2 { border: 0; }
  .whole-book ul { padding: 0; list-style: none; }
  .whole-book li { margin: 0.4em 0; }
"""


class NotMade(Exception):
    """Why there is no PDF, in one sentence."""


def addresses(html: Path) -> tuple[str, list[str]]:
    """Return where the site is published, and its pages in reading order."""
    sitemap = html / "sitemap.xml"
    if not sitemap.exists():
        raise NotMade("The site is not built: run 'make book' first.")
    full = re.findall(r"<loc>([^<]*)</loc>", sitemap.read_text(encoding="utf-8"))
    base = posixpath.commonprefix([re.sub(r"book/.*", "", each) for each in full])
    return base, [each.removeprefix(base) for each in full]


def slug(page: str) -> str:
    """Return what stands before the anchors of `page`."""
    return re.sub(r"\W+", "-", page.removesuffix(".html"))


def article(text: str) -> str:
    """Return the article of a page, without what paper has no use for, and with everything unfolded."""
    found = re.search(r'<article class="bd-article">(.*)</article>', text, re.DOTALL)
    if not found:
        raise NotMade("A page has no article: was the site built by another theme?")
    kept = found[1]
    for pattern in LEFT_OUT:
        kept = re.sub(pattern, "", kept, flags=re.DOTALL)
    return re.sub(
        r"<details\b([^>]*)>", lambda tag: f"<details{re.sub(r' (name=.[^ >]*|open)', '', tag[1])} open>", kept
    )


def joined(page: str, text: str, pages: list[str], base: str, html: Path) -> str:
    """Return `text` of `page` with anchors that are its own in the whole book, and with links that lead to them."""

    def leads(link: str) -> str:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return link
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), parts.path)) if parts.path else page
        anchor = f"--{parts.fragment}" if parts.fragment else ""
        return f"#{slug(path)}{anchor}" if path in pages else base + path

    def loads(source: str) -> str:
        if urlsplit(source).scheme:
            return source
        return (html / posixpath.normpath(posixpath.join(posixpath.dirname(page), source))).as_uri()

    mark = slug(page)
    text = re.sub(r'(<a\b[^>]*\bhref=")([^"]*)"', lambda m: f'{m[1]}{leads(m[2])}"', text)
    text = re.sub(r'(<img\b[^>]*\bsrc=")([^"]*)"', lambda m: f'{m[1]}{loads(m[2])}"', text)
    text = re.sub(r'(<use\b[^>]*\bhref="#)', rf"\1{mark}--", text)
    text = re.sub(r"url\(#", f"url(#{mark}--", text)
    return re.sub(r'(\s(?:id|for|aria-labelledby|aria-describedby)=")(?=[^"])', rf"\1{mark}--", text)


def title_of(text: str) -> str:
    """Return the first heading of an article, as markup."""
    found = re.search(r"<h1>(.*?)</h1>", text, re.DOTALL)
    return re.sub(r"</?a\b[^>]*>", "", found[1]).strip() if found else ""


def number_of(page: str) -> str:
    """Return the number of a chapter, as its file says it; empty for what is no chapter."""
    found = re.match(r"book/0?(\d+)_", page)
    return f"{found[1]} " if found else ""


def whole_book(html: Path) -> str:
    """Return the whole book as one page."""
    base, pages = addresses(html)
    texts = {page: (html / page).read_text(encoding="utf-8") for page in pages}
    links = [link for link in re.findall(r"<link\b[^>]*>", texts[pages[0]]) if 'rel="stylesheet"' in link]
    styles = [found[1] for link in links if (found := re.search(r'href="([^"?]*)', link))]
    sheets = "".join(
        f'<link rel="stylesheet" href="{(html / posixpath.dirname(pages[0]) / each).resolve().as_uri()}" />'
        for each in dict.fromkeys(styles)
    )
    name = re.search(r'<meta property="og:site_name" content="([^"]*)"', texts[pages[0]])
    title = name[1] if name else "The book"
    said = re.search(r'<meta name="description" content="([^"]*)"', texts[pages[0]])
    changed = re.search(r"Last updated on ([^.<]*)", texts[pages[0]])
    articles, listed = [], []
    for page in pages:
        body = article(texts[page])
        number = number_of(page)
        listed.append(f'<li><a href="#{slug(page)}">{number}{title_of(body)}</a></li>')
        body = body.replace("<h1>", f"<h1>{number}", 1)
        articles.append(
            f'<article class="bd-article" id="{slug(page)}">{joined(page, body, pages, base, html)}</article>'
        )
    return (
        f'<!DOCTYPE html><html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8" />'
        f"<title>{title}</title>{sheets}<style>{STYLE}</style></head><body>"
        f'<div class="cover bd-article"><h1>{title}</h1><p>{said[1] if said else ""}</p>'
        f"<p>{escape(changed[1]) if changed else ''}<br />{escape(base)}</p></div>"
        f'<nav class="whole-book bd-article"><h2>Contents</h2><ul>{"".join(listed)}</ul></nav>'
        f"{''.join(articles)}</body></html>"
    )


def chromium() -> str:
    """Return the path of a Chromium."""
    for name in (os.environ.get("CHROMIUM", ""), *BROWSERS):
        if name and (path := shutil.which(name)):
            return path
    raise NotMade("No Chromium was found: install it (Debian: apt-get install chromium) or set CHROMIUM to its path.")


def print_page(page: Any, pdf: Path) -> None:
    """Print what `page` of a browser shows to `pdf`, with bookmarks and page numbers."""
    page.pdf(
        path=pdf, format="A4", outline=True, tagged=True, print_background=True, display_header_footer=True,
        header_template="<p></p>", footer_template=FOOTER,
        margin={"top": "18mm", "bottom": "20mm", "left": "16mm", "right": "16mm"},
    )  # fmt: skip


def make(html: Path, pdf: Path) -> None:
    """Print the book in `html` to `pdf`."""
    from playwright.sync_api import sync_playwright

    page_file = pdf.with_suffix(".html")
    page_file.write_text(whole_book(html), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(java_script_enabled=False)
        page.goto(page_file.as_uri(), wait_until="load")
        print_page(page, pdf)
        browser.close()


def main(arguments: list[str]) -> int:
    """Make the PDF; return the exit code."""
    html, pdf = (Path(arguments[0]) if arguments else HTML), (Path(arguments[1]) if len(arguments) > 1 else PDF)
    try:
        make(html.resolve(), pdf.resolve())
    except NotMade as reason:
        print(reason, file=sys.stderr)
        return 1
    print(f"The book is in {pdf} ({pdf.stat().st_size / 1e6:.1f} MB).")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
