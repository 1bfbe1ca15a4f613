"""What every picture keeps: well-formed, accessible, without fixed colours or outside references, always the same."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from xml.etree import ElementTree

import pytest

from kvmlab import Mutex, Scenario, draw, explore, state_graph
from kvmlab.draw import Picture, layout
from kvmlab.draw.markup import number, quote, shorten, width
from tests.draw.worlds import CIRCLE, CROSSED

SVG = "{http://www.w3.org/2000/svg}"

PICTURES: dict[str, Callable[[], Picture]] = {
    "waits": lambda: draw.waits(explore(CIRCLE)),
    "lock order": lambda: draw.lock_order(CIRCLE),
    "chart": lambda: draw.chart(explore(CIRCLE)),
    "states": lambda: draw.states(state_graph(CROSSED)),
    "large states": lambda: draw.states(state_graph(CIRCLE)),
}


@pytest.fixture(params=PICTURES, scope="module")
def picture(request: pytest.FixtureRequest) -> Picture:
    return PICTURES[request.param]()


def test_it_is_well_formed_xml(picture: Picture) -> None:
    assert ElementTree.fromstring(picture.svg).tag == f"{SVG}svg"
    ElementTree.fromstring(picture._repr_html_())


def test_it_says_what_it_shows(picture: Picture) -> None:
    root = ElementTree.fromstring(picture.svg)
    assert root.get("role") == "img"
    label = root.get("aria-label", "")
    assert [word.strip(".") for word in label.split()] == [word.strip(".") for word in picture.text.split()]


def test_all_ink_is_the_pages_own(picture: Picture) -> None:
    inks = {
        value
        for part in ElementTree.fromstring(picture.svg).iter()
        for name, value in part.attrib.items()
        if name in {"fill", "stroke", "color", "stop-color"}
    }
    assert inks <= {"currentColor", "none"}
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\bblack\b|\bwhite\b|rgb", picture.svg)


def test_nothing_comes_from_outside_and_no_id_can_clash(picture: Picture) -> None:
    html = picture._repr_html_().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|href|url\(|<script|<style|<image|\bid=|@import|\bon[a-z]+=", html)


def test_it_stands_in_a_figure_that_scrolls_in_its_own_box(picture: Picture) -> None:
    html = picture._repr_html_()
    assert html.startswith('<figure class="kl-figure"')
    assert '<div class="kl-scroll" style="overflow-x:auto" tabindex="0" role="group"' in html
    assert "<figcaption" not in html


def test_its_box_is_named_by_the_title_or_the_caption(picture: Picture) -> None:
    title = picture.text.split("\n")[0].rstrip(".:")
    assert f'role="group" aria-label="{quote(title)}"' in picture._repr_html_()
    said = draw.chart(explore(CROSSED), caption="Two locks, two orders.")._repr_html_()
    assert 'role="group" aria-label="Two locks, two orders."' in said


def test_every_text_and_line_is_on_the_sheet(picture: Picture) -> None:
    root = ElementTree.fromstring(picture.svg)
    wide, high = (float(part) for part in root.get("viewBox", "").split()[2:])

    def look(part: ElementTree.Element, left: float, top: float) -> None:
        moved = re.fullmatch(r"translate\((\S+) (\S+)\)", part.get("transform", ""))
        if moved:
            left, top = left + float(moved[1]), top + float(moved[2])
        if part.tag == f"{SVG}text":
            x, y = left + float(part.get("x", 0)), top + float(part.get("y", 0))
            room = width(part.text or "", float(part.get("font-size", 0)), mono="mono" in part.get("font-family", ""))
            start = {"start": 0.0, "middle": 0.5, "end": 1.0}[part.get("text-anchor", "start")]
            assert x - room * start >= -1, part.text
            assert x + room * (1 - start) <= wide + 1, part.text
            assert 0 <= y <= high, part.text
        for inner in part:
            look(inner, left, top)

    look(root, 0, 0)


def test_it_prints_and_shows_itself_as_its_text(picture: Picture) -> None:
    assert repr(picture) == str(picture) == picture.text
    assert not any(line != line.rstrip() for line in picture.text.split("\n"))


def test_in_a_notebook_it_is_html_and_text(picture: Picture) -> None:
    formatters = pytest.importorskip("IPython.core.formatters")
    data, _ = formatters.DisplayFormatter().format(picture)
    assert data == {"text/plain": picture.text, "text/html": picture._repr_html_()}


def test_a_caption() -> None:
    html = draw.chart(explore(CROSSED), caption="Two locks & <two> orders")._repr_html_()
    assert "<figcaption>Two locks &amp; &lt;two&gt; orders</figcaption>" in html


NASTY = "<script>alert(1)</script>\"'&\x01\x85 { } | \\n \ud800"


class Named(Mutex):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class NastyWorld:
    def __init__(self) -> None:
        self.a = Named(NASTY)
        self.b = Named("ü" * 300)


def one(word: str, w: NastyWorld) -> None:
    with w.a, w.b:
        pass


def other(word: str, w: NastyWorld) -> None:
    with w.b, w.a:
        pass


def test_no_name_can_break_out() -> None:
    scenario = Scenario(NastyWorld, functools.partial(one, NASTY), functools.partial(other, "]]>-->"), name=NASTY)
    found = explore(scenario)
    pictures = [draw.waits(found), draw.chart(found, caption=NASTY), draw.lock_order(scenario), draw.states(scenario)]
    for picture in pictures:
        html = picture._repr_html_()
        assert "<script" not in html
        ElementTree.fromstring(html)
        assert "alert(1)" in picture.text
        html.encode("utf-8")


def test_long_names_are_shortened_in_the_drawing_only() -> None:
    scenario = Scenario(NastyWorld, functools.partial(one, "a" * 50), functools.partial(other, "b" * 50))
    picture = draw.waits(explore(scenario))
    assert "a" * 50 in picture.text
    assert ">one(&#x27;aaaaaaaaaa…aaaaaaaa&#x27;)<" in picture.svg


def test_graphviz_sees_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    sources: list[str] = []
    placed = layout._placed
    monkeypatch.setattr(layout, "_placed", lambda source: sources.append(source) or placed(source))
    assert draw.waits(explore(CIRCLE)).svg
    [source] = sources
    assert not any(name in source for name in (*CIRCLE.task_names, "kvm_lock", "waits"))


def test_without_graphviz_the_text_is_shown_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "_commands", lambda: [[sys.executable, "-c", "raise SystemExit(1)"], ["/no/such/dot"]])
    layout._placed.cache_clear()
    picture = draw.waits(explore(CROSSED))
    with pytest.raises(draw.NoGraphviz, match=r"pip install pygraphviz"):
        picture.svg  # noqa: B018
    html = picture._repr_html_()
    ElementTree.fromstring(html)
    assert "<pre>TwoLocks, after 2 operations: deadlock" in html
    assert "pip install pygraphviz" in html
    assert str(picture).startswith("TwoLocks, after 2 operations")
    assert "<svg" in draw.chart(explore(CROSSED)).svg


def test_an_arrow_that_graphviz_loses_becomes_a_straight_line(monkeypatch: pytest.MonkeyPatch) -> None:
    before = draw.waits(explore(CROSSED)).svg
    placed = layout._placed
    monkeypatch.setattr(layout, "_placed", lambda source: placed(source).replace('"pos": "e,', '"lost": "e,'))
    after = draw.waits(explore(CROSSED)).svg
    assert after != before
    assert after.count("<polygon") == before.count("<polygon")
    ElementTree.fromstring(after)


def test_graphviz_says_nothing_in_the_cell(capfd: pytest.CaptureFixture[str]) -> None:
    layout._placed.cache_clear()
    assert draw.waits(explore(CROSSED)).svg
    assert capfd.readouterr() == ("", "")


SCRIPT = """
import hashlib
from tests.draw.test_picture import PICTURES
from kvmlab import Scenario, draw, explore
for name, make in PICTURES.items():
    picture = make()
    print(name, hashlib.sha256((picture.text + picture._repr_html_()).encode()).hexdigest())
"""


def test_the_same_bytes_whatever_the_hash_seed() -> None:
    answers = set()
    for seed in ("0", "1", "4242"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=environment, check=True
        )
        answers.add(done.stdout)
    assert len(answers) == 1
    assert len(answers.pop().split("\n")) == len(PICTURES) + 1


def test_drawing_runs_nothing_that_prints(capsys: pytest.CaptureFixture[str]) -> None:
    def loud(w: NastyWorld) -> None:
        print("loud")
        with w.a, w.a:
            pass

    found = explore(Scenario(NastyWorld, loud))
    capsys.readouterr()
    assert draw.waits(found).svg
    assert draw.chart(found).svg
    assert capsys.readouterr().out == ""


def test_numbers_and_names_are_short() -> None:
    assert [number(value) for value in (1.0, -0.04, 2.25, 10, -3.96)] == ["1", "0", "2.2", "10", "-4"]
    assert quote("a<b>\x00") == "a&lt;b&gt;�"
    assert shorten("set_memory_region") == "set_memory_region"
    assert shorten("set_memory_region(vm=12345678)") == "set_memory_regi…=12345678)"
    assert len(shorten("x" * 99)) == 26
