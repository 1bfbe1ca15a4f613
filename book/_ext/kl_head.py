"""What a page says of itself to those who do not read it: search engines, and whoever shows a card for a link.

Also the pages that belong to the site as a whole: sitemap.xml, the page for an address that does not exist, and the one
at the root, which forwards to the book.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from kl_site import CHAPTER
from sphinx.application import Sphinx

CARD = "_static/card.png"
CARD_SIZE = (1200, 630)
CARD_WORDS = "Five tasks and four locks of a Linux host that wait for one another in a circle"
LONGEST = 200

NOT_FOUND = Path(__file__).with_name("404.html")
ROOT = Path(__file__).with_name("root.html")


def description(doctree: nodes.document | None) -> str:
    """Return the first paragraph of a page, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        text = " ".join(paragraph.astext().split())
        if len(text) > 40:
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return ""


def tags(title: str, site: str, said: str, address: str, base: str) -> str:
    """Return the tags of a page for OpenGraph and for Twitter."""
    properties = {
        "og:type": "article" if title != site else "website",
        "og:site_name": site,
        "og:title": title,
        "og:description": said,
        "og:url": address,
        "og:image": base + CARD,
        "og:image:width": CARD_SIZE[0],
        "og:image:height": CARD_SIZE[1],
        "og:image:alt": CARD_WORDS,
    }
    lines = [f'<meta name="description" content="{escape(said)}" />'] if said else []
    lines += [f'<meta property="{key}" content="{escape(str(value))}" />' for key, value in properties.items() if value]
    return "\n".join([*lines, '<meta name="twitter:card" content="summary_large_image" />', ""])


def add_tags(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the tags into the head of `pagename`."""
    base = app.config.html_baseurl
    if not base or doctree is None:
        return
    title = app.env.titles[pagename].astext()
    said, address = description(doctree), f"{base}{pagename}.html"
    context["metatags"] = context.get("metatags", "") + "\n" + tags(title, app.config.html_title, said, address, base)


def contents(app: Sphinx) -> list[tuple[str, str]]:
    """Return the pages of the book in reading order: address from the root, and title."""

    def below(name: str) -> Iterator[str]:
        yield name
        for each in app.env.toctree_includes.get(name, ()):
            yield from below(each)

    return [(f"{name}.html", app.env.titles[name].astext()) for name in below(app.config.root_doc)]


def sitemap(base: str, addresses: list[str]) -> str:
    """Return the sitemap of the pages at `addresses`."""
    listed = "".join(f"  <url><loc>{escape(base + address)}</loc></url>\n" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</urlset>\n'
    )


def write_site_pages(app: Sphinx, error: Exception | None) -> None:
    """Write sitemap.xml, 404.html, and root.html, which tools/build_book.py puts at the root."""
    if error or app.builder.format != "html":
        return
    out, base, pages = Path(app.outdir), app.config.html_baseurl, contents(app)
    (out / "sitemap.xml").write_text(sitemap(base, [address for address, _ in pages]), encoding="utf-8")
    path = urlsplit(base).path
    links = "\n".join(
        f'        <li value="{chapter[1]}"><a href="{path}{address}">{escape(title)}</a></li>'
        for address, title in pages
        if (chapter := CHAPTER.match(address))
    )
    said = description(app.env.get_doctree(app.config.root_doc))
    first = pages[0][0]
    filled = {
        "@root@": path,
        "@links@": links,
        "@title@": escape(app.config.html_title),
        "@first@": first,
        "@canonical@": base + first,
        "@tags@": tags(app.config.html_title, app.config.html_title, said, base, base),
    }
    for template, name in ((NOT_FOUND, "404.html"), (ROOT, "root.html")):
        text = template.read_text(encoding="utf-8")
        for mark, value in filled.items():
            text = text.replace(mark, value)
        (out / name).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.connect("html-page-context", add_tags)
    app.connect("build-finished", write_site_pages, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
