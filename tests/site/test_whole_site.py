"""What belongs to the site as a whole: its map, cards, the page for a wrong address, status, print, PDF, search."""

from __future__ import annotations

import importlib.util
import itertools
import re
import struct
import sys
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import yaml

from kvmlab import step
from tests.site.conftest import ROOT, chapters, contents, notebooks, source
from tests.site.test_files import parsed, target_of

sys.path.insert(0, str(ROOT / "tools"))
import make_pdf

BASE = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
PATH = urlsplit(BASE).path
IDENTIFIERS = ["cpus_read_lock", "cpus_read_lock()", "__kvmclock_cpufreq_notifier", "synchronize_srcu", "kvm->lock"]


def head(page: Path) -> dict[str, str]:
    """The meta tags of a page, by name or property; and its canonical address."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r'<meta (?:name|property)="([^"]*)" content="([^"]*)"', text)
    canonical = re.findall(r'<link rel="canonical" href="([^"]*)"', text)
    assert len(canonical) == 1
    return {"canonical": canonical[0], **{name: unescape(value) for name, value in found}}


def test_site_has_the_pages_of_the_contents_in_that_order(html: Path) -> None:
    """The sitemap lists them; nothing else is in the book's folder."""
    tree = ElementTree.fromstring((html / "sitemap.xml").read_text(encoding="utf-8"))
    assert [loc.text for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")] == [
        BASE + page for page in chapters()
    ]
    assert sorted(str(path.relative_to(html)) for path in html.glob("book/**/*.html")) == sorted(
        page for page in chapters() if page.startswith("book/")
    )


def test_contents_on_the_landing_page_lead_to_every_chapter(html: Path) -> None:
    """Nobody adds a chapter and forgets it there."""
    landing = html / chapters()[0]
    article = make_pdf.article(landing.read_text(encoding="utf-8"))
    for page in notebooks():
        if re.match(r"book/\d", page):
            assert f'href="{Path(page).name}"' in article, page


def test_contents_say_how_long_each_chapter_takes(html: Path) -> None:
    """As the chapter itself says it."""
    article = make_pdf.article((html / chapters()[0]).read_text(encoding="utf-8"))
    for page in notebooks():
        if number := re.match(r"book/0?(\d+)_", page):
            row = re.search(
                rf'<tr[^>]*><td[^>]*><p>{number[1]}</p></td>.*?href="{Path(page).name}".*?</tr>', article, re.DOTALL
            )
            assert row, page
            time = re.search(r"an hour|\d+ minutes", row[0])
            assert time, page
            assert f"**Time:** {time[0]}" in source(page.removesuffix(".html")).read_text(encoding="utf-8")


def test_ways_to_read_are_told(html: Path) -> None:
    """For whoever has half an hour, and for whoever has a day."""
    article = make_pdf.article((html / chapters()[0]).read_text(encoding="utf-8"))
    assert "With half an hour" in article
    assert "With a day" in article


def test_chapters_show_their_numbers(html: Path, page_path: str) -> None:
    """In the list of chapters on every page, and above the title of their own; no other page has one."""
    text = (html / page_path).read_text(encoding="utf-8")
    listed = re.findall(r'<span class="kl-number">(\d+)</span>', text)
    numbers = [found[1] for page in chapters() if (found := re.match(r"book/0?(\d+)_", page))]
    assert listed[: len(numbers)] == numbers
    own = re.match(r"book/0?(\d+)_", page_path)
    assert set(re.findall(r'<p class="kl-chapter">Chapter (\d+)</p>', text)) == ({own[1]} if own else set())


def test_previous_and_next_follow_the_contents(html: Path) -> None:
    """From the landing page to the last one."""
    order = chapters()
    for page, after in itertools.pairwise(order):
        text = (html / page).read_text(encoding="utf-8")
        link = re.search(r'<a class="right-next"\s+href="([^"]*)"', text)
        assert link, page
        target = target_of(html, html / page, link[1])
        assert target
        assert target[0] == (html / after).resolve()


def test_page_says_what_it_is_to_those_who_only_link_to_it(html: Path, chapter_path: str) -> None:
    """Its canonical address, its title, its first words, and a picture."""
    says = head(html / chapter_path)
    assert says["canonical"] == says["og:url"] == BASE + chapter_path
    assert says["og:image"] == BASE + "_static/card.png"
    assert says["twitter:card"] == "summary_large_image"
    assert 40 < len(says["description"]) <= 201
    assert says["description"] == says["og:description"]
    assert says["og:title"]
    assert says["og:image:alt"]


def test_card_is_a_picture_of_its_size(html: Path) -> None:
    """A PNG, not heavy."""
    data = (html / "_static" / "card.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", data[16:24]) == (1200, 630)
    assert len(data) < 200_000
    says = head(html / chapters()[0])
    assert (says["og:image:width"], says["og:image:height"]) == ("1200", "630")


def test_favicon_is_a_drawing(html: Path, page_path: str) -> None:
    """It is there from any depth."""
    icon = re.search(r'<link rel="icon" href="([^"]*\.svg)"', (html / page_path).read_text(encoding="utf-8"))
    assert icon
    target = target_of(html, html / page_path, icon[1])
    assert target
    assert target[0].exists()


def test_status_names_every_notebook_and_what_it_was_built_with(html: Path) -> None:
    """All of them ran."""
    text = (html / "status.html").read_text(encoding="utf-8")
    rows = re.findall(r'<tr><td><a href="([^"]*)">.*?</a></td><td>(\d+)</td><td>([^<]*)</td></tr>', text)
    assert sorted(page for page, _, _ in rows) == sorted(notebooks())
    assert {how for _, _, how in rows} == {"all ran"}
    assert all(int(cells) > 0 for _, cells, _ in rows)
    for package in ("Python", "kvmlab", "Sphinx"):
        assert re.search(rf"<td>{package}</td><td>\d+\.[\d.]+</td>", text), package


def test_every_page_leads_to_the_status(html: Path, page_path: str) -> None:
    """And says when the book was last changed."""
    text = (html / page_path).read_text(encoding="utf-8")
    assert re.search(r'href="[^"]*status\.html"|href="#"', text)
    assert re.search(r"Last updated on \d{4}-\d\d-\d\d", text)


def test_root_has_a_card_too(html: Path) -> None:
    """It is what people pass on."""
    assert head(html / "index.html")["canonical"] == BASE + chapters()[0]
    assert head(html / "index.html")["og:image"] == BASE + "_static/card.png"


def test_address_that_does_not_exist_leads_back_where_it_is_published(html: Path) -> None:
    """Its links hold the path of the published site, so they are right at any depth."""
    page = html / "404.html"
    links = [link for link in parsed(page).links if link.startswith("/")]
    numbered = [address for address in chapters() if re.match(r"book/\d", address)]
    assert [link.removeprefix(PATH) for link in links] == [chapters()[0], *numbered]
    assert all((html / link.removeprefix(PATH)).exists() for link in links)
    assert "<script src" not in page.read_text(encoding="utf-8")


# What the landing page says of its stepper.


def landing_circle() -> Any:
    """The scenario of the landing page."""
    path = ROOT / "book" / "_ext" / "kl_circle.py"
    spec = importlib.util.spec_from_file_location("kl_circle", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.circle


def test_the_landing_page_shows_the_circle_of_chapter_6(html: Path) -> None:
    """The same states and schedules, a deadlock in fewer than one of a million, and it begins one step before it."""
    stepper = step(landing_circle())
    told = source("book/06_the_circle").read_text(encoding="utf-8")
    dead, schedules = stepper.graph.dead_ahead[0], stepper.graph.ahead[0]
    assert f"{dead} of {schedules:,} schedules deadlock" in told
    assert dead * 1_000_000 < schedules
    assert len(stepper.graph) == 4126
    page = (html / chapters()[0]).read_text(encoding="utf-8")
    one_before = str(stepper.shortest).rpartition("-")[0]
    assert f'data-start="{one_before}"' in page


# In a browser.


@pytest.mark.browser
@pytest.mark.parametrize("at", ["gone.html", "book/gone.html", "a/b/c/gone"])
def test_wrong_address_leads_back_from_any_depth(visit: Any, html: Path, at: str) -> None:
    """Also where the site is not published under the path that it was built for."""
    text = (html / "404.html").read_text(encoding="utf-8")
    page = visit("status.html").page
    page.route("**/" + at, lambda route: route.fulfill(status=404, body=text, content_type="text/html"))
    root = re.sub("status.html$", "", page.url)
    page.goto(root + at)
    page.get_by_role("link").first.click()
    assert page.url == root + chapters()[0]
    page.go_back()
    page.get_by_role("searchbox").fill("grace period")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a", timeout=10_000)


@pytest.mark.browser
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_wrong_address_is_as_light_as_the_reader_has_chosen(visit: Any, mode: str) -> None:
    """Whatever the system says."""
    page = visit("404.html", dark=mode == "light").page
    page.evaluate(f"localStorage.setItem('mode', '{mode}')")
    page.reload()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(19, 23, 28)"}[mode]


EXCERPTS = """async () => {
    const words = (text) => text.replace(/^\\.\\.\\.|\\.\\.\\.$/g, '').replace(/\\s+/g, ' ').trim();
    const found = [];
    for (const each of [...document.querySelectorAll('#search-results li:has(.context)')].slice(0, 10)) {
        const answer = await fetch(each.querySelector('a').href);
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        for (const other of page.querySelectorAll('script, style, svg, .headerlink')) other.remove();
        const excerpt = words(each.querySelector('.context').textContent);
        found.push([excerpt, words(page.querySelector('article').textContent).includes(excerpt)]);
    }
    return found;
}"""


@pytest.mark.browser
@pytest.mark.parametrize("word", ["kvm_lock", "grace period"])
def test_search_quotes_the_article(visit: Any, word: str) -> None:
    """Not the list of contents that stands before it for paper, nor the words of a drawing."""
    page = visit(f"search.html?q={word}").page
    page.wait_for_function("document.querySelectorAll('#search-results li .context').length >= 10")
    page.wait_for_load_state("networkidle")
    excerpts = page.evaluate(EXCERPTS)
    assert len(excerpts) == 10
    assert [excerpt for excerpt, quoted in excerpts if not quoted] == []


@pytest.mark.browser
def test_search_in_files_is_quiet(html: Path, browser: Any) -> None:
    """Without a server there are results and no excerpts, for a page may not read another one there."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: line.type == "error" and errors.append(line.text))
    page.goto((html / "search.html").as_uri() + "?q=kvm_lock")
    page.get_by_text(re.compile("Search finished, found")).wait_for()
    assert page.locator("#search-results li a").count() > 0
    page.close()
    assert errors == []


@pytest.mark.browser
@pytest.mark.parametrize("word", IDENTIFIERS)
def test_search_finds_identifiers(visit: Any, word: str) -> None:
    """Typed by a reader, with underscores, brackets and arrows."""
    page = visit("search.html").page
    page.locator("input[name=q]:visible").first.fill(word)
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a", timeout=10_000)
    found = page.locator("#search-results li a").evaluate_all("(all) => all.map((a) => new URL(a.href).pathname)")
    assert any(re.match(r"/book/\d\d_", address) for address in found)


@pytest.mark.browser
def test_the_circle_can_be_stepped_on_the_landing_page(visit: Any) -> None:
    """It opens one step before the deadlock: take it; Restart, then play it again."""
    seen = visit(chapters()[0])
    stepper = seen.page.locator("#circle")
    status = stepper.get_by_role("status")
    assert "Deadlock" not in status.inner_text()
    stepper.get_by_role("button", name="Step vcpu_run", exact=True).click()
    assert "Deadlock" in status.inner_text()
    stepper.get_by_role("button", name="Restart").click()
    assert "Deadlock" not in status.inner_text()
    for task in landing_circle().task_names[:2]:
        stepper.get_by_role("button", name=f"Step {task}", exact=True).click()
    stepper.get_by_label("Speed").select_option("350")
    stepper.get_by_role("button", name="Play the shortest deadlock").click()
    stepper.get_by_text("Deadlock: nobody can move.").wait_for()
    assert seen.errors == []


@pytest.mark.browser
def test_without_javascript_the_landing_page_shows_the_circle(visit: Any) -> None:
    """A drawing, and the schedule as a table."""
    page = visit(chapters()[0], java_script_enabled=False).page
    assert page.get_by_role("img", name="A circle of five tasks").is_visible()
    assert page.locator(".lock-stepper-trace table").is_visible()


FITS = """() => {
    for (const each of document.querySelectorAll('details')) each.removeAttribute('name'), each.open = true;
    const longest = (e) => Math.max(...e.textContent.split('\\n').map((line) => line.length));
    return [...document.querySelectorAll('.cell_output pre')]
        .filter((e) => longest(e) <= 76 && e.scrollWidth > e.clientWidth).map((e) => e.textContent.slice(0, 60));
}"""


@pytest.mark.browser
def test_an_output_of_76_characters_fits(visit: Any, chapter_path: str) -> None:
    """At 1280 px nobody scrolls sideways to read it."""
    assert visit(chapter_path).page.evaluate(FITS) == []


PAPER = """() => {
    const inside = 'article details > :not(summary)';
    const seen = (e) => e.getClientRects().length > 0 && e.checkVisibility({ contentVisibilityAuto: true });
    const shown = (what) => [...document.querySelectorAll(what)].filter(seen);
    return {
        gone: shown('.bd-sidebar-primary, .bd-sidebar-secondary, .bd-header-article, .prev-next-footer, .bd-footer')
            .map((e) => e.className),
        headings: shown('h1').length,
        folded: document.querySelectorAll(inside).length - shown(inside).length,
        tables: shown('.lock-stepper-trace').length,
        steppers: document.querySelectorAll('.lock-stepper').length,
        wide: shown('article pre').filter((e) => e.scrollWidth > e.clientWidth + 1).length,
    };
}"""


@pytest.mark.browser
def test_chapter_is_readable_on_paper(visit: Any, chapter_path: str) -> None:
    """One heading, no sidebars, everything unfolded, steppers as tables, no line cut off."""
    page = visit(chapter_path, width=700).page
    page.emulate_media(media="print")
    seen = page.evaluate(PAPER)
    assert (seen["gone"], seen["headings"], seen["folded"], seen["wide"]) == ([], 1, 0, 0)
    assert seen["tables"] == seen["steppers"]


INKS = """() => {
    const which = ['color', 'background-color', 'border-left-color', 'border-bottom-color', 'text-shadow',
        'fill', 'stroke'];
    const has = (e) => which.map((key) => getComputedStyle(e).getPropertyValue(key));
    return [...document.querySelectorAll('html, body, article, article *')]
        .filter((e) => e.getClientRects().length > 0)
        .map((e) => [e.tagName.toLowerCase(), e.className.baseVal ?? e.className, ...has(e)]);
}"""


@pytest.mark.browser
def test_paper_is_light_when_the_screen_is_dark(visit: Any, chapter_path: str) -> None:
    """Words, code, headings, tables, drawings, the stepper's schedule: in the inks that they have in light mode."""
    page = visit(chapter_path, width=700, dark=True, reduced_motion="reduce").page
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    dark = page.evaluate(INKS)
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    assert [pair for pair in zip(dark, page.evaluate(INKS), strict=True) if pair[0] != pair[1]][:5] == []
    assert next(has[2:4] for has in dark if has[0] == "body") == ["rgb(26, 31, 38)", "rgb(255, 255, 255)"]


@pytest.mark.browser
@pytest.mark.slow
def test_the_book_can_be_printed(html: Path, browser: Any, tmp_path: Path) -> None:
    """One PDF with every page, bookmarks and page numbers; links inside it lead to its own pages."""
    whole = make_pdf.whole_book(html)
    assert "<script" not in whole
    assert whole.count("<h1>") == len(contents()) + 1
    anchors = set(re.findall(r'\bid="([^"]*)"', whole))
    assert [link for link in re.findall(r'<a\b[^>]*href="#([^"]*)"', whole) if link not in anchors] == []
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    (tmp_path / "book.html").write_text(whole, encoding="utf-8")
    page.goto((tmp_path / "book.html").as_uri())
    assert page.locator(".lock-stepper-trace table").count() >= 1
    make_pdf.print_page(page, tmp_path / "book.pdf")
    context.close()
    pdf = (tmp_path / "book.pdf").read_bytes()
    assert pdf.startswith(b"%PDF")
    assert b"/Outlines" in pdf
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") > 3 * len(contents())
