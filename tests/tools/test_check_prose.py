"""The words of the book: what is prose, where sentences end, what is avoided, and what is linked to the glossary."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import check_prose  # noqa: E402  the tools are scripts, not a package
from check_prose import (  # noqa: E402
    Part,
    Terms,
    anchor,
    any_of,
    blocks,
    first_uses,
    is_chapter,
    sentences,
    unlinked,
    with_links,
    wrong_words,
)

TERMS = check_prose.read_terms()
TWO = Terms({"grace period": ["grace period", "grace periods"], "period": ["period"], "SRCU": ["SRCU"]}, [], {})


def said(text: str) -> list[str]:
    """Return what the check says of a text."""
    return [problem.says for problem in wrong_words(Part("page", text), TERMS)]


def all_sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [sentence for _, block in blocks(text) for _, sentence in sentences(block)]


def test_sentences_end_at_stops_and_not_in_numbers_or_code() -> None:
    text = "It waits in Linux 6.12 until `a. B` is free. *Then* it goes on! Does it? (Yes.) A colon: no end."
    assert len(all_sentences(text)) == 5


def test_items_cells_and_headings_are_blocks_of_their_own() -> None:
    text = "# Head\nText goes\non here.\n\n- one\n  more\n- two\n\n| a | b |\n|---|---|\n| c | d |\n"
    assert [" ".join(block.split()) for _, block in blocks(text)] == [
        "Head", "Text goes on here.", "one more", "two", "a", "b", "c", "d",
    ]  # fmt: skip


def test_what_is_not_prose_is_not_looked_at() -> None:
    text = "```python\nsimply = 1\n```\n<style>\nsimply {}\n</style>\n`simply` [here](simply.md) $simply$ https://simply.org\n"
    assert said(text) == []


def test_a_sentence_of_41_words_is_too_long_and_one_of_40_is_not() -> None:
    assert said(" ".join(["word"] * 40) + ".") == []
    (problem,) = said(" ".join(["word"] * 41) + ".")
    assert problem.startswith("41 words in one sentence, 40 are the most: word word")


def test_a_long_cell_of_a_table_is_one_sentence_and_the_row_is_not() -> None:
    assert said("| " + " | ".join(["one two three"] * 20) + " |") == []


@pytest.mark.parametrize(
    ("text", "say"),
    [
        ("There are six interleavings.", "'interleavings': say schedule"),
        ("Both threads wait.", "'Both threads': say task"),
        ("It is simply so.", "'simply': say (nothing"),
        ("A hot-plug operation.", "'hot-plug': say hotplug"),
        ("The waiting writer goes.", "'waiting writer': say pending writer"),
        ("The kernel documentation says so.", "say a rule proposed by KVM's maintainer"),
        ("Use it, e.g. here.", "'e.g.': say for example"),
    ],
)
def test_avoided(text: str, say: str) -> None:
    (problem,) = said(text)
    assert say in problem


@pytest.mark.parametrize(
    "text",
    [
        "Both threads of the kernel wait.",
        "`interleavings` are counted.",
        "Other books call it an interleaving.",
        "The Python-threads of it.",
    ],
)
def test_not_avoided(text: str) -> None:
    assert said(text) == []


def test_a_problem_names_its_line() -> None:
    (problem,) = wrong_words(Part("page.md", "One.\n\nTwo.\nIt is simply so.\n"), TERMS)
    assert str(problem).startswith("page.md:4: 'simply'")


def test_the_first_use_in_prose_is_found_and_the_longer_term_wins() -> None:
    text = "# SRCU\n`SRCU` [SRCU](x.md)\nGrace\nperiods of SRCU, a period. A grace period."
    assert [(text[start:end], term) for start, end, term in first_uses(text, TWO)] == [
        ("Grace\nperiods", "grace period"),
        ("SRCU", "SRCU"),
        ("period", "period"),
    ]


def test_a_phrase_in_which_a_word_has_another_sense_is_passed_over() -> None:
    other = Terms(TWO.forms, [], {"period": ["ends with a period"]})
    text = "The header of SRCU ends\nwith a period. A period of rest."
    assert [(text[start:], term) for start, _, term in first_uses(text, other)] == [
        ("SRCU ends\nwith a period. A period of rest.", "SRCU"),
        ("period of rest.", "period"),
    ]
    assert with_links("It ends with a period.", other) == "It ends with a period."


def test_the_text_of_a_link_to_another_site_is_not_linked() -> None:
    assert first_uses('["[SRCU PATCH] A period"](https://lore.kernel.org/x@y.com/), not merged', TWO) == []


def test_another_case_is_another_word() -> None:
    assert first_uses("srcu GRACE PERIOD", TWO) == []


def test_the_first_use_is_linked_and_no_other() -> None:
    text = "A grace period. Another [grace period](glossary.md#grace-period) and SRCU. SRCU again."
    linked = with_links(text, TWO)
    assert linked == (
        "A [grace period](glossary.md#grace-period). Another grace period and [SRCU](glossary.md#srcu). SRCU again."
    )
    assert unlinked(linked, TWO) == []
    assert with_links(linked, TWO) == linked


def test_links_are_written_into_the_right_cells(tmp_path: Path) -> None:
    import nbformat

    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("# SRCU"), v4.new_code_cell("SRCU"), v4.new_markdown_cell("About SRCU.")]
    page = tmp_path / "04_srcu.ipynb"
    nbformat.write(v4.new_notebook(cells=cells), page)
    assert check_prose.write_links(page, TWO)
    sources = ["".join(cell["source"]) for cell in json.loads(page.read_text())["cells"]]
    assert sources == ["# SRCU", "SRCU", "About [SRCU](glossary.md#srcu)."]
    assert not check_prose.write_links(page, TWO)


def headings(level: str = "###") -> list[str]:
    """Return the terms that the glossary defines."""
    text = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
    return [found[1].replace("`", "") for found in re.finditer(rf"^{level} (.+)$", text, re.MULTILINE)]


def test_every_term_is_defined_once_and_every_definition_is_a_term() -> None:
    assert sorted(headings()) == sorted(TERMS.forms)
    assert len({anchor(heading) for heading in headings()}) == len(headings())


def test_a_form_belongs_to_one_term() -> None:
    forms = [form.lower() for forms in TERMS.forms.values() for form in forms]
    assert sorted(forms) == sorted(set(forms))


def test_every_phrase_with_another_sense_has_its_word_and_is_in_a_chapter() -> None:
    pages = [check_prose.whole(page) for page in check_prose.pages() if is_chapter(page)]
    chapters = " ".join(map(check_prose.linkable, pages))
    for term, phrases in TERMS.other.items():
        assert [phrase for phrase in phrases if not any_of(TERMS.forms[term]).search(phrase)] == []
        assert [phrase for phrase in phrases if not any_of([phrase]).search(chapters)] == []


def test_links_inside_the_glossary_lead_to_its_terms() -> None:
    text = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
    anchors = {anchor(heading) for heading in headings()}
    assert {found[1] for found in re.finditer(r"\]\(#([^)]+)\)", text)} <= anchors


def test_no_definition_uses_an_avoided_word() -> None:
    assert said((ROOT / "book/glossary.md").read_text(encoding="utf-8")) == []
