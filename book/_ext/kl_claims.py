"""The page of claims: every statement about kernel source, where it was found, and which pages make it.

The directive ``{claims}`` writes one entry for each claim of book/claims.yml, under the page that cites it first. Each
entry can be linked to as ``claims.md#id``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

# What is code in a claim even without backticks: calls, members, identifiers, paths, hashes of commits.
CODE = re.compile(r"`([^`]+)`|([\w/.-]+\.(?:c|h|rst)\b|\w+(?:->\w+)+|\w+\(\)|\b\w*_\w*\b|\b[0-9a-f]{12}\b)")


def coded(text: str) -> list[nodes.Node]:
    """Return `text` as nodes, with what is code as code."""
    found: list[nodes.Node] = []
    place = 0
    for match in CODE.finditer(text):
        found += [nodes.Text(text[place : match.start()]), nodes.literal("", match[1] or match[2])]
        place = match.end()
    return [*found, nodes.Text(text[place:])]


class Claims(SphinxDirective):
    """Write the entries."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each page that cites a claim first."""
        book = Path(self.env.doc2path(self.env.docname)).parent
        sys.path.insert(0, str(book.parent / "tools"))
        import claims

        sys.path.pop(0)
        known = {claim.id: claim for claim in claims.all_claims(book / "claims.yml", book / "claims.d")}
        cited = {name: pages for name, pages in claims.cited(book).items() if name in known}
        for path in (book / "claims.yml", *sorted((book / "claims.d").glob("*.yml"))):
            self.env.note_dependency(str(path))
        sections: dict[Path, nodes.section] = {}
        slugs = self.env.temp_data.setdefault("kl_claims", {})
        for name, pages in cited.items():
            if pages[0] not in sections:
                section = nodes.section(ids=[f"claims-{pages[0].stem.replace('_', '-')}"])
                section += nodes.title("", "", *self.title_of(pages[0]))
                section += nodes.definition_list(classes=["kl-claims"])
                self.state.document.note_explicit_target(section)
                sections[pages[0]] = section
            sections[pages[0]][1] += self.entry(known[name], pages)
            slugs[name] = (self.lineno, name, known[name].says)
        return list(sections.values())

    def entry(self, claim: Any, pages: list[Path]) -> nodes.definition_list_item:
        """Return the entry of one claim: what it says, where it was looked up and how, and who makes it."""
        term = nodes.term("", "", *coded(claim.says), ids=[claim.id], names=[])
        body = nodes.definition()
        if claim.unchecked:
            body += nodes.paragraph("", "", nodes.Text("Not looked up: "), *coded(f"{claim.unchecked.rstrip('.')}."))
        else:
            body += nodes.paragraph("", "", *self.place(claim))
            body += nodes.bullet_list(
                "", *(nodes.list_item("", nodes.paragraph("", "", *coded(check.words()))) for check in claim.checks)
            )
        links: list[nodes.Node] = [nodes.Text("Said in ")]
        for number, page in enumerate(pages):
            links += [nodes.Text(", ")] if number else []
            links.append(self.link(page))
        links += [nodes.Text(" · "), nodes.literal("", claim.id)]
        body += nodes.paragraph("", "", *links)
        return nodes.definition_list_item("", term, body)

    def place(self, claim: Any) -> list[nodes.Node]:
        """Return the path and the versions of a claim."""
        if isinstance(claim.file, str):
            return [nodes.literal("", claim.file), nodes.Text(f" in {', '.join(claim.versions)}")]
        found: list[nodes.Node] = []
        for version, path in claim.file.items():
            found += [nodes.Text(", ")] if found else []
            found += [nodes.literal("", path), nodes.Text(f" in {version}")]
        return found

    def title_of(self, page: Path) -> list[nodes.Node]:
        """Return the title of a page as the heading of its claims."""
        import claims

        title = next(line for line in claims.prose(page).splitlines() if line.startswith("# "))[2:]
        number = page.stem[:2].lstrip("0") if page.stem[:2].isdigit() else ""
        return coded(f"{number} {title}" if number else title)

    def link(self, page: Path) -> pending_xref:
        """Return a link to a page of the book."""
        number = page.stem[:2].lstrip("0") if page.stem[:2].isdigit() else ""
        words = f"chapter {number}" if number else page.stem.replace("_", " ")
        target = str(Path(self.env.docname).parent / page.stem)
        return pending_xref(
            "", nodes.inline("", words), refdomain="std", reftype="doc", reftarget=f"/{target}", refexplicit=True,
            refwarn=True, refdoc=self.env.docname,
        )  # fmt: skip


def let_links_find_claims(app: Sphinx, doctree: nodes.document) -> None:
    """Tell MyST of the anchors, so that ``claims.md#id`` is found."""
    slugs = app.env.temp_data.get("kl_claims")
    if slugs:
        metadata = app.env.metadata[app.env.docname]
        metadata["myst_slugs"] = {**metadata.get("myst_slugs", {}), **slugs}


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the above to Sphinx."""
    app.add_directive("claims", Claims)
    app.connect("doctree-read", let_links_find_claims)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
