"""Every page in a real browser: quiet, self-contained, readable at any width and in both modes, accessible."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

# Findings that are the theme's own, on every page of every book that uses it.
THEMES_OWN = {"label-content-name-mismatch", "region"}

OVERFLOW = """() => {
    const wide = document.documentElement.clientWidth;
    const scrolls = (e) => {
        for (let up = e.parentElement; up; up = up.parentElement) {
            const how = getComputedStyle(up);
            if (how.position === 'fixed' || ['auto', 'scroll', 'hidden'].includes(how.overflowX) && up !== document.body
                && up !== document.documentElement) return true;
        }
        return false;
    };
    if (document.documentElement.scrollWidth <= wide) return [];
    return [...document.body.querySelectorAll('*')]
        .filter((e) => e.getBoundingClientRect().right > wide + 1 && !scrolls(e)).slice(0, 5)
        .map((e) => `${e.tagName.toLowerCase()}.${e.className}: ${(e.textContent || '').trim().slice(0, 40)}`)
        .concat([`the page is ${document.documentElement.scrollWidth} px wide in ${wide} px`]);
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_page_is_quiet_and_asks_nothing_of_other_hosts(visit: Any, page_path: str, dark: bool) -> None:
    """No console error, no missing file, no request that leaves the site."""
    seen = visit(page_path, dark=dark)
    seen.page.wait_for_load_state("networkidle")
    assert (seen.errors, seen.missing, seen.elsewhere) == ([], [], [])


def test_page_does_not_scroll_sideways(visit: Any, page_path: str) -> None:
    """A wide thing scrolls in its own box; the page does not."""
    page = visit(page_path).page
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert (width, page.evaluate(OVERFLOW)) == (width, [])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_but_the_themes_own(visit: Any, chapter_path: str, dark: bool) -> None:
    """WCAG as far as a program can tell; without motion, or a colour may be caught on its way to another."""
    found = Axe().run(visit(chapter_path, dark=dark, reduced_motion="reduce").page).response["violations"]
    ours = [
        f"{finding['id']}: {finding['help']}: {node['html'][:160]} ({node['failureSummary'][:300]})"
        for finding in found
        if finding["id"] not in THEMES_OWN
        for node in finding["nodes"]
    ]
    assert ours == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_outputs_stand_on_the_page_in_its_own_colours(visit: Any, chapter_path: str, dark: bool) -> None:
    """The theme would put HTML outputs on a light card in dark mode."""
    page = visit(chapter_path, dark=dark).page
    cards = page.evaluate(
        """() => [...document.querySelectorAll('.cell_output .output.text_html')]
            .map((e) => getComputedStyle(e).backgroundColor).filter((c) => c !== 'rgba(0, 0, 0, 0)')"""
    )
    assert cards == []


def test_mode_follows_the_readers_system(visit: Any) -> None:
    """Nobody has to find the switch."""
    for dark, mode in ((False, "light"), (True, "dark")):
        assert visit("book/index.html", dark=dark).page.evaluate("document.documentElement.dataset.theme") == mode


def test_page_reads_without_javascript(visit: Any, chapter_path: str) -> None:
    """The words, code and outputs are there without a script."""
    page = visit(chapter_path, java_script_enabled=False).page
    assert len(page.inner_text("article").split()) > 10


def test_root_leads_to_the_landing_page(visit: Any) -> None:
    """index.html forwards to the book."""
    page = visit("index.html").page
    page.wait_for_url("**/book/index.html")
    assert "Nothing Under kvm_lock" in page.title()


def test_search_finds_what_a_page_holds(visit: Any) -> None:
    """The search works with no server behind it."""
    page = visit("search.html?q=circle").page
    page.wait_for_selector("#search-results li a", timeout=10_000)
    assert page.locator("#search-results li a").count() > 0
