"""The stepper in a real browser: by hand, by keyboard, from a file or a server, narrow, dark, damaged, printed."""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from kvmlab import Scenario, state_graph
from kvmlab.graph import StateGraph
from kvmlab.practice import Predict
from kvmlab.stepper import step
from kvmlab.stepper.page import as_json
from kvmlab.stepper.walk import waiting
from tests.oracles.worlds import CONFIGURATIONS
from tests.site.conftest import Quiet
from tests.site.test_browser import OVERFLOW
from tests.test_stepper import SCENARIOS, SHORTEST, Two, ab, ba, data_of

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
CIRCLE = CONFIGURATIONS["B a writer waits"]
RULE = CONFIGURATIONS["E B with the rule applied"]
TASKS = CIRCLE.task_names
WAY = [int(number) for number in SHORTEST.split("-")]
HAND = Scenario(Two, ab, ba, name="By hand")
QUESTION = Predict(
    "Who takes `a` last?",
    {"ab": "With `ab` first it would be so.", "ba": "Yes: `ba` waits for it for ever.", "nobody": "Somebody must."},
    right="ba",
)
WIDEST = 2**53


def own(w: Any, number: int) -> None:
    for _ in range(3):
        w.locks[number].lock()
        w.locks[number].unlock()


class Own:
    def __init__(self) -> None:
        from kvmlab import Mutex

        self.locks = [Mutex() for _ in range(6)]


MANY = Scenario(Own, *(functools.partial(own, number=number) for number in range(5)), name="Many")


def longest(graph: StateGraph) -> int:
    """How many operations the longest schedule has."""
    left = [0] * len(graph)
    for state in reversed(range(len(graph))):
        left[state] = max((left[to] + 1 for column in graph.moves if (to := column[state]) >= 0), default=0)
    return left[0]


def document(body: str, site: bool = True) -> str:
    """A page with `body`; with the site's style sheet or, as in a bare notebook, without."""
    style = (ROOT / "book" / "_css" / "site.css").read_text(encoding="utf-8") if site else ""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Stepper</title>'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>{style}</style>'
        "<style>body { margin: 0; padding: 12px; background: var(--kl-bg, Canvas); color: var(--kl-ink, CanvasText); }"
        f"</style></head><body><main><h1>Stepper</h1>{body}</main></body></html>"
    )


def as_on_the_site(page: str) -> str:
    """The page as the site publishes it: the script of the steppers once."""
    spec = importlib.util.spec_from_file_location("kl_site", ROOT / "book" / "_ext" / "kl_site.py")
    assert spec
    assert spec.loader
    site = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(site)
    return str(site.lean(page))


def altered(page: str, **parts: Any) -> str:
    """The page with these parts of its data changed."""
    first, end = page.index('json">') + len('json">'), page.index("</script>")
    return page[:first] + as_json({**json.loads(page[first:end]), **parts}) + page[end:]


def pages() -> dict[str, str]:
    """The pages of these tests, by name."""
    circle = step(CIRCLE, anchor="circle").page()
    broken = {
        "truncated": circle.replace('"check":[', '"ch'),
        "changed": circle.replace('"moves":[[{"0":', '"moves":[[{"9":'),
        "other-form": circle.replace('"form":2', '"form":1'),
        "no-reasons": altered(circle, reasons=None),
        "two-reasons": altered(circle, reasons=data_of(step(CIRCLE))["reasons"][:2]),
        "no-values": altered(circle, values={}),
        "half": circle[: len(circle) // 12],
    }
    assert all(text != circle for text in broken.values())
    script = circle[circle.index("<script class=") :]
    return {
        "circle": document(circle),
        "bare": document(circle, site=False),
        "two": as_on_the_site(document(circle + step(RULE, anchor="rule").page() + circle)),
        "by-hand": document(step(HAND).page()),
        "asked": document(step(HAND, predict=QUESTION).page()),
        "many": document(step(MANY).page()),
        **{f"all-{at}": document(step(scenario).page()) for at, scenario in enumerate(SCENARIOS.values())},
        "circle-asked": document(step(CIRCLE, predict=QUESTION).page()),
        **{name: document(script + text if name == "half" else text) for name, text in broken.items()},
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages."""
    path = tmp_path_factory.mktemp("stepper")
    for name, text in pages().items():
        (path / f"{name}.html").write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[str]:
    """Where they are served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()


class Seen:
    """A page that was opened, with its first stepper."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.asked: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: line.type == "error" and self.errors.append(line.text))
        page.on("request", lambda request: self.asked.append(request.url))

    @property
    def stepper(self) -> Any:
        return self.page.locator(".lock-stepper").first

    def status(self, at: int = 0) -> str:
        """What the status region of a stepper says."""
        return " ".join(self.page.locator(".lock-stepper").nth(at).get_by_role("status").inner_text().split())

    def button(self, name: str) -> Any:
        return self.stepper.get_by_role("button", name=name, exact=True)

    def field(self) -> Any:
        return self.stepper.get_by_label("Replay")

    def steps(self, *way: int) -> None:
        """Click the buttons of these tasks, by number from 1."""
        for number in way:
            self.button(f"Step {TASKS[number - 1]}").click()

    @property
    def schedule(self) -> str:
        return str(self.field().input_value())


@pytest.fixture
def visit(browser: Any, served: str, folder: Path) -> Iterator[Any]:
    """Opens a page: `visit("circle", width=1280, dark=False, file=False)`."""
    contexts = []

    def open_page(
        name: str, *, width: int = 1280, dark: bool = False, file: bool = False, fragment: str = "", **options: Any
    ) -> Seen:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light", **options
        )
        context.add_init_script(
            f"document.addEventListener('DOMContentLoaded', () => {{ document.documentElement.dataset.theme = "
            f"{'dark' if dark else 'light'!r} }})"
            if name != "bare"
            else ""
        )
        contexts.append(context)
        seen = Seen(context.new_page())
        start = folder.as_uri() + "/" if file else served
        seen.page.goto(f"{start}{name}.html{fragment}", wait_until="load")
        return seen

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("file", [False, True], ids=["http", "file"])
def test_to_the_deadlock_by_hand(visit: Any, file: bool) -> None:
    """Along a given schedule, with buttons that are named."""
    seen = visit("circle", file=file)
    assert "Deadlock" not in seen.status()
    for at, number in enumerate(WAY, 1):
        seen.steps(number)
        assert seen.status().startswith(("Deadlock: nobody can move. 7.", f"{at}. {TASKS[number - 1]}: "))
    assert seen.status().endswith(
        "The circle: set_memory_region → vcpu_run → cpu_hotplug → cpufreq_notifier → set_nx_huge_pages → "
        "set_memory_region."
    )
    told = [card.inner_text() for card in seen.stepper.locator(".next").all()]
    assert told == list(waiting(state_graph(CIRCLE), state_graph(CIRCLE).nearest_deadlock or 0).values())
    assert seen.stepper.get_by_role("img").get_attribute("aria-label").count("waits for") == 5
    assert seen.errors == []
    assert len(seen.asked) == 1


def test_by_keyboard_only(visit: Any) -> None:
    """Tab to it, then digits, U, R and space; elsewhere on the page the keys do nothing."""
    seen = visit("circle")
    keys = seen.page.keyboard
    keys.press("1")
    assert seen.schedule == ""
    keys.press("Tab")
    for number in WAY:
        keys.press(str(number))
    assert "Deadlock" in seen.status()
    keys.press("u")
    keys.press("Shift+U")
    assert seen.schedule == "1-2-3-1-4-5-3"
    for _ in range(3):
        keys.press("u")
    assert seen.schedule == "1-2-3-1"
    keys.press("r")
    assert (seen.schedule, seen.status()[:21]) == ("", "Nobody has moved yet.")
    keys.press("9")
    assert "There is no task 9." in seen.status()


def test_every_control_is_reached_by_tab_and_seen_there(visit: Any) -> None:
    """In the order of the page; the focus has an outline."""
    seen = visit("by-hand")
    reached = []
    for _ in range(15):
        seen.page.keyboard.press("Tab")
        reached.append(
            seen.stepper.evaluate(
                """(e) => { const at = e.shadowRoot.activeElement, style = at && getComputedStyle(at);
                return at && [at.getAttribute("aria-label") || at.labels?.[0]?.textContent.trim() || at.textContent,
                              style.outlineStyle, parseFloat(style.outlineWidth) >= 2]; }"""
            )
        )
    found = [name for name, style, wide in filter(None, reached) if style == "solid" and wide]
    assert found == [
        "Play the shortest deadlock", "Speed", "Undo", "Redo", "Restart", "Predict each step", "Step ab", "Step ba",
        "Graph", "Go to operation 0", "Replay", "Go", "Copy", "Copy link",
    ]  # fmt: skip


def test_a_key_with_a_modifier_or_in_the_field_is_not_ours(visit: Any) -> None:
    """Ctrl+R reloads; what is typed is typed."""
    seen = visit("circle")
    seen.field().focus()
    seen.page.keyboard.type("1")
    assert seen.schedule == "1"
    assert "Nobody has moved" in seen.status()
    seen.page.keyboard.press("Enter")
    assert seen.status().startswith("1. set_memory_region")
    seen.button("Undo").focus()
    seen.page.keyboard.press("Control+2")
    assert seen.schedule == "1"


def test_undo_and_redo_round_trip(visit: Any) -> None:
    """Back to the start and forth again; a step elsewhere forgets what Redo would do, the same step does not."""
    seen = visit("circle")
    seen.steps(*WAY)
    there = seen.stepper.evaluate("(e) => e.state")
    for _ in WAY:
        seen.button("Undo").click()
    assert (seen.schedule, seen.stepper.evaluate("(e) => e.state")) == ("", 0)
    assert seen.button("Undo").get_attribute("aria-disabled") == "true"
    for _ in WAY:
        seen.button("Redo").click()
    assert (seen.schedule, seen.stepper.evaluate("(e) => e.state")) == (SHORTEST, there)
    seen.stepper.get_by_role("button", name="Go to operation 2").click()
    assert seen.schedule == "1-2"
    seen.steps(3)
    seen.button("Redo").click()
    assert seen.schedule == "1-2-3-1"
    seen.steps(5)
    assert seen.button("Redo").get_attribute("aria-disabled") == "true"


def test_a_task_that_waits_says_why_instead_of_moving(visit: Any) -> None:
    """Its button stays where it is, and can be asked."""
    seen = visit("circle")
    seen.steps(1, 2)
    button = seen.button("Step set_nx_huge_pages")
    assert button.get_attribute("aria-disabled") == "true"
    button.dispatch_event("click")
    assert seen.status() == "No step. set_nx_huge_pages waits for slots_lock: set_memory_region holds it."
    assert seen.schedule == "1-2"


def test_replay_string_round_trip(visit: Any, served: str) -> None:
    """Copied, and pasted into a fresh page; long runs are folded."""
    seen = visit("circle", permissions=["clipboard-read", "clipboard-write"])
    seen.steps(*WAY)
    seen.button("Copy").click()
    seen.stepper.get_by_text("Schedule copied.").wait_for()
    assert seen.page.evaluate("navigator.clipboard.readText()") == SHORTEST
    seen.button("Restart").click()
    seen.field().fill(SHORTEST)
    seen.button("Go").click()
    assert "Deadlock" in seen.status()
    seen.field().fill("1x5-2-2")
    seen.button("Go").click()
    assert "The schedule stops fitting at operation 5. set_memory_region cannot move any more." in seen.status()
    seen.field().fill(" 1-1-1-1-2x4 ")
    seen.field().press("Enter")
    assert seen.schedule == "1x4-2x4"
    seen.field().fill("1-two")
    seen.field().press("Enter")
    assert "“two” is no task" in seen.status()
    seen.field().fill("-".join(["1x9999"] * 3_000))
    seen.field().press("Enter")
    assert seen.status() == f"No schedule has more than {longest(state_graph(CIRCLE))} operations."
    assert seen.stepper.evaluate("(e) => e.schedule") == "1x4-2x4"


def test_permalink(visit: Any) -> None:
    """A link leads to the state, in a new page and in the one that is open."""
    seen = visit("circle", permissions=["clipboard-read", "clipboard-write"])
    seen.steps(1, 2, 3)
    seen.button("Copy link").click()
    seen.stepper.get_by_text("Link copied.").wait_for()
    link = seen.page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("circle.html#circle=1-2-3")
    other = visit("circle", fragment="#circle=1-2-3")
    assert other.schedule == "1-2-3"
    other.page.evaluate("location.hash = 'circle=5'")
    other.stepper.get_by_text("5 cpu_hotplug").first.wait_for()
    other.page.wait_for_function("document.querySelector('.lock-stepper').schedule === '5'")
    assert "Nobody has moved" in visit("circle", fragment="#other=1-2-3").status()
    assert "stops fitting at operation 3" in visit("circle", fragment="#circle=1-2-2").status()


def test_plays_and_pauses_the_shortest_deadlock(visit: Any) -> None:
    """At the chosen speed; from the state one is in when it lies on the way."""
    seen = visit("circle")
    seen.page.clock.install(time=0)
    seen.page.clock.pause_at(1_000)
    seen.stepper.get_by_label("Speed").select_option("fast")
    seen.button("Play the shortest deadlock").click()
    assert seen.schedule == "1"
    seen.page.clock.run_for(2 * 350)
    assert seen.schedule == "1-2-3"
    seen.button("Pause").click()
    seen.page.clock.run_for(5_000)
    assert seen.schedule == "1-2-3"
    seen.button("Play the shortest deadlock").click()
    seen.page.clock.run_for(5 * 350)
    assert (seen.schedule, "Deadlock" in seen.status()) == (SHORTEST, True)
    assert seen.button("Play the shortest deadlock").is_visible()
    seen.button("Restart").click()
    seen.steps(5)
    seen.button("Play the shortest deadlock").click()
    assert seen.schedule == "1"
    seen.steps(2)
    seen.page.clock.run_for(5_000)
    assert seen.schedule == "1-2"


def test_space_plays_unless_a_button_has_it(visit: Any) -> None:
    """A button that has the focus keeps its own key."""
    seen = visit("circle")
    seen.stepper.get_by_text("Who waits for whom").click()
    seen.page.keyboard.press("Space")
    assert seen.schedule == "1"
    seen.page.keyboard.press("Space")
    seen.button("Step cpu_hotplug").focus()
    seen.page.keyboard.press("Space")
    assert seen.schedule == "1-5"
    seen.page.keyboard.press("p")
    assert (seen.schedule, seen.button("Pause").count()) == ("1", 1)
    seen.page.keyboard.press("P")
    assert seen.button("Pause").count() == 0


def test_keys_work_on_the_select_and_the_box_to_tick(visit: Any) -> None:
    """Only where text is typed a digit is a digit."""
    seen = visit("circle")
    seen.stepper.get_by_label("Speed").focus()
    seen.page.keyboard.press("1")
    seen.stepper.get_by_label("Predict each step").focus()
    seen.page.keyboard.press("2")
    assert seen.schedule == "1-2"


def test_counts_are_exact(visit: Any) -> None:
    """At every state of a way, and beyond what a double can hold."""
    seen, graph, state = visit("circle"), state_graph(CIRCLE), 0
    for number in WAY[:-2]:
        seen.steps(number)
        state = graph.moves[number - 1][state]
        dead, ahead = graph.dead_ahead[state], graph.ahead[state]
        said = " ".join(seen.stepper.locator(".ahead").inner_text().split())
        assert said == f"From here {dead:,} of {ahead:,} schedules deadlock{'s' if dead == 1 else ''}."
    seen.steps(WAY[-2])
    assert seen.stepper.locator(".ahead").inner_text() == "From here the only schedule deadlocks."
    seen.steps(WAY[-1])
    assert seen.stepper.locator(".ahead").inner_text() == ""
    many = state_graph(MANY)
    assert many.ahead[0] > WIDEST
    assert f"None of the {many.ahead[0]:,} schedules deadlocks." in visit("many").stepper.locator(".box").inner_text()


def test_the_graph_of_the_page_is_the_engines(visit: Any, served: str) -> None:
    """State by state: moves, kinds and counts."""
    seen = visit("all-0")
    for at, (name, scenario) in enumerate(SCENARIOS.items()):
        seen.page.goto(f"{served}all-{at}.html")
        graph = state_graph(scenario)
        expected = {
            "moves": [list(row) for row in zip(*graph.moves, strict=True)],
            "kinds": list(graph.kinds),
            "ahead": list(map(str, graph.ahead)),
            "dead": list(map(str, graph.dead_ahead)),
            "shortest": [] if graph.nearest_deadlock is None else graph.way_to(graph.nearest_deadlock),
        }
        found = seen.stepper.evaluate(
            "(e) => ({ moves: e.graph.moves, kinds: e.graph.kinds, ahead: e.graph.ahead.map(String), "
            "dead: e.graph.dead.map(String), shortest: e.graph.shortest })"
        )
        assert found == expected, name


def test_a_step_answers_within_one_frame(visit: Any) -> None:
    """16 milliseconds, layout included; a fifth of the tries must do, for the machine has other work."""
    seen = visit("circle")
    took = seen.stepper.evaluate(
        """(e) => [...Array(50).keys()].map((at) => {
            const before = performance.now();
            if (at % 2) e.jump(0); else e.load("1-2-3-1-4-5");
            e.getBoundingClientRect();
            return performance.now() - before;
        }).sort((a, b) => a - b)[10]"""
    )
    assert took < 16


@pytest.mark.parametrize("width", [1280, 700, 390, 320])
@pytest.mark.parametrize("name", ["circle", "by-hand"])
def test_fits_any_width(visit: Any, name: str, width: int) -> None:
    """The page does not scroll sideways, and every target can be hit."""
    seen = visit(name, width=width)
    seen.field().fill("1-2")
    seen.button("Go").click()
    assert seen.page.evaluate(OVERFLOW) == []
    small = seen.stepper.evaluate(
        """(e) => [...e.shadowRoot.querySelectorAll("button, select, input[type=text]")]
            .map((each) => [each.textContent, each.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([text]) => text)"""
    )
    assert small == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_line_or_name_is_broken(visit: Any, width: int) -> None:
    """A line of a program is one line, a button's word one word; what is wider scrolls, and can be reached by Tab."""
    seen = visit("circle", width=width, fragment=f"#circle={SHORTEST}")
    found = seen.stepper.evaluate(
        """(e) => {
            const all = (what) => [...e.shadowRoot.querySelectorAll(what)];
            return { lines: Math.max(...all(".line").map((each) => each.offsetHeight)),
                     steps: Math.max(...all(".step").map((each) => each.offsetHeight)),
                     mute: all(".code, .graph").filter((e) => e.scrollWidth > e.clientWidth && e.tabIndex).length,
                     graph: all("svg")[0].clientWidth };
        }"""
    )
    assert found["lines"] < 25
    assert found["steps"] <= 32
    assert found["mute"] == 0
    assert found["graph"] >= 320


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_status_stays_in_sight(visit: Any, width: int) -> None:
    """Whoever clicks the last task sees what came of it, without the status taking the screen."""
    seen = visit("circle", width=width)
    seen.steps(1, 2, 3, 1, 4, 5, 3)
    seen.button("Step cpu_hotplug").scroll_into_view_if_needed()
    top, bottom = seen.stepper.get_by_role("status").evaluate(
        "(e) => [e.getBoundingClientRect().top, e.getBoundingClientRect().bottom]"
    )
    assert top >= 0
    assert bottom < 300


@pytest.mark.parametrize("schedule", ["", "1-2-3-1", SHORTEST], ids=["start", "on the way", "deadlock"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["circle", "bare"])
def test_axe_finds_nothing(visit: Any, name: str, dark: bool, schedule: str) -> None:
    """WCAG as far as a program can tell, with the site's colours and with our own."""
    seen = visit(name, dark=dark, fragment=f"#circle={schedule}")
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    found = Axe().run(seen.page, options=options).response["violations"]
    assert [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary']}" for one in found for node in one["nodes"]
    ] == []


def test_dark_and_light_follow_the_page(visit: Any) -> None:
    """The site's switch, JupyterLab's, or the reader's system."""
    ground = "(e) => getComputedStyle(e.shadowRoot.querySelector('.box')).backgroundColor"
    white, night = "rgb(255, 255, 255)", "rgb(19, 23, 28)"
    assert [visit("bare", dark=dark).stepper.evaluate(ground) for dark in (False, True)] == [white, night]
    seen = visit("bare", dark=True)
    for say, colour in (
        ("document.body.dataset.jpThemeLight = 'true'", white),
        ("document.body.dataset.jpThemeLight = 'false'", night),
        ("delete document.body.dataset.jpThemeLight; document.documentElement.dataset.theme = 'light'", white),
        ("document.documentElement.dataset.theme = 'dark'", night),
    ):
        seen.page.evaluate(say)
        assert seen.stepper.evaluate(ground) == colour


def test_nothing_moves_by_itself_for_those_who_asked_for_that(visit: Any) -> None:
    """No transition and no animation; the stepper has none for anybody."""
    seen = visit("circle", reduced_motion="reduce")
    moving = seen.stepper.evaluate(
        """(e) => [...e.shadowRoot.querySelectorAll("*")].map((each) => getComputedStyle(each))
            .filter((style) => style.transitionDuration !== "0s" || style.animationName !== "none").length"""
    )
    assert moving == 0
    seen.stepper.evaluate("(e) => e.drive('1-2-3-1-4-5-3')")
    assert "Deadlock" in seen.status()


def test_without_javascript_the_trace_is_a_table(visit: Any) -> None:
    """With the waits below it."""
    seen = visit("circle", java_script_enabled=False)
    assert seen.page.get_by_role("row").count() == 8
    assert seen.page.get_by_text(
        "cpu_hotplug waits for cpu_hotplug_lock: cpufreq_notifier must leave it first."
    ).is_visible()


def test_printed_it_is_the_table(visit: Any) -> None:
    """Buttons are no use on paper."""
    seen = visit("circle")
    assert not seen.stepper.locator("caption").is_visible()
    seen.page.emulate_media(media="print")
    assert seen.stepper.locator("caption").is_visible()
    assert not seen.button("Undo").is_visible()


def test_two_on_a_page_are_two(visit: Any) -> None:
    """Each has its own schedule, and its own name to link to; the script is there once."""
    seen = visit("two")
    assert seen.page.locator("script.lock-stepper-script").count() == 1
    names = seen.page.locator(".lock-stepper").evaluate_all("(all) => all.map((e) => e.id)")
    assert names == ["circle", "rule", "circle-2"]
    second = seen.page.locator(".lock-stepper").nth(1)
    second.get_by_role("button", name="Step vcpu_run").click()
    assert (seen.schedule, seen.status(1)[:11]) == ("", "1. vcpu_run")
    assert "Nobody" in seen.status(2)
    assert second.get_by_role("button", name="Play the shortest deadlock").get_attribute("aria-disabled") == "true"
    assert "None of the" in second.locator(".box").inner_text()
    assert seen.errors == []


@pytest.mark.parametrize("name", ["truncated", "changed", "other-form", "half", "no-values"])
def test_damaged_data_show_a_sentence(visit: Any, name: str) -> None:
    """Never an empty box; what there is of the table is shown."""
    seen = visit(name)
    assert seen.status() == "The stepper cannot be shown: its data are damaged. Reload the page, or run the cell again."
    assert seen.errors == []
    if name != "half":
        assert seen.page.get_by_role("row").count() == 8


@pytest.mark.parametrize("name", ["no-reasons", "two-reasons"])
@pytest.mark.parametrize("by", ["steps", "a refusal", "replay", "play", "link", "Python"])
def test_damage_that_shows_late_is_told(visit: Any, name: str, by: str) -> None:
    """Data that can be read, with nothing to say once somebody waits."""
    seen = visit(name)
    if by == "steps":
        for number in WAY:
            if seen.stepper.get_by_role("button").count():
                seen.steps(number)
    elif by == "a refusal":
        seen.field().fill("1-2-3-4-4")
        seen.field().press("Enter")
    elif by == "replay":
        seen.field().fill(SHORTEST)
        seen.field().press("Enter")
    elif by == "play":
        seen.page.clock.install(time=0)
        seen.page.clock.pause_at(1_000)
        seen.button("Play the shortest deadlock").click()
        seen.page.clock.run_for(10_000)
    elif by == "link":
        seen.page.evaluate(f"location.hash = 'circle={SHORTEST}'")
        seen.stepper.get_by_text("cannot be shown").wait_for()
    else:
        seen.stepper.evaluate(f"(e) => e.drive('{SHORTEST}')")
        seen.stepper.get_by_text("cannot be shown").wait_for()
    assert seen.status() == "The stepper cannot be shown: its data are damaged. Reload the page, or run the cell again."
    assert seen.page.get_by_role("row").count() == 8
    assert seen.errors == []


def test_the_end_of_a_schedule_that_does_not_deadlock(visit: Any) -> None:
    """Finished is another word, and a failure a third."""
    seen = visit("by-hand")
    seen.field().fill("1x4-2x4")
    seen.button("Go").click()
    assert seen.status().startswith("Finished: every task has come to its end.")
    failed = visit(f"all-{list(SCENARIOS).index('ends with a lock')}")
    failed.button("Step never_unlocks").click()
    assert failed.status() == "Failed. 1. never_unlocks: lock(a). never_unlocks ended while it holds a."


def test_program_locks_graph_and_chart_follow(visit: Any) -> None:
    """The current line, the reached ones, owner and queue, arrows, lanes."""
    seen = visit("circle")
    seen.steps(1, 2, 3, 1, 4, 5, 3)
    text = seen.stepper.evaluate(
        """(e) => {
            const plain = (each) => each.textContent.trim().replace(/\\s+/g, " ");
            const all = (what) => [...e.shadowRoot.querySelectorAll(what)].map(plain);
            return { now: all(".now code"), reached: all(".reached:not(.now) code"), locks: all("dl > div"),
                     round: all("g.cycle.on title"), rows: all("tbody tr") };
        }"""
    )
    assert text["now"] == [
        "w.srcu.synchronize()",
        "with w.kvm_lock, w.slots_lock:",
        "with w.srcu.read(), w.cpu_hotplug_lock.read():",
        "with w.cpu_hotplug_lock.read(), w.kvm_lock:",
        "with w.cpu_hotplug_lock.write():",
    ]
    assert text["reached"] == ["with w.slots_lock:"]
    assert text["locks"] == [
        "kvm_lockowner 2 set_nx_huge_pages",
        "slots_lockowner 1 set_memory_region",
        "srcuside 0 3 vcpu_run side 1, new readers grace period 1 set_memory_region",
        "cpu_hotplug_lockreaders 4 cpufreq_notifier waiting writer 5 cpu_hotplug queue 3 vcpu_run (read)",
    ]
    assert sorted(text["round"]) == sorted(
        [
            "set_memory_region waits for srcu", "srcu has a reader inside: vcpu_run",
            "vcpu_run waits for cpu_hotplug_lock", "cpu_hotplug_lock has its block flag set by cpu_hotplug",
            "cpu_hotplug waits for cpu_hotplug_lock", "cpu_hotplug_lock is read-held by cpufreq_notifier",
            "cpufreq_notifier waits for kvm_lock", "kvm_lock is held by set_nx_huge_pages",
            "set_nx_huge_pages waits for slots_lock", "slots_lock is held by set_memory_region",
        ]
    )  # fmt: skip
    assert len(text["rows"]) == 8
    assert re.sub(r"\s", "", text["rows"][7]) == "7waitswaits3waitswaitswaitsvcpu_run:read_lock(cpu_hotplug_lock)"


def test_a_writer_who_waits_does_not_look_like_a_holder(visit: Any) -> None:
    """Solid, dashed and dotted are three things, in the circle too, and the legend has each."""
    seen = visit("circle", fragment=f"#circle={SHORTEST}")
    found = seen.stepper.evaluate(
        """(e) => [...e.shadowRoot.querySelectorAll("[data-edge].on")].map((each) => {
            const { strokeDasharray, strokeLinecap, strokeWidth } = getComputedStyle(each.querySelector("path"));
            return [each.textContent, `${strokeDasharray} ${strokeLinecap}`, strokeWidth];
        })"""
    )
    patterns = {text: pattern for text, pattern, _ in found}
    assert patterns.pop("cpu_hotplug_lock has its block flag set by cpu_hotplug") == "0px, 6px round"
    for text, pattern in patterns.items():
        assert pattern == ("6px, 4px butt" if "waits for" in text else "none butt"), text
    assert {width for *_, width in found} == {"3.5px"}
    legend = [line.strip() for line in seen.stepper.locator(".legend span").all_inner_texts()]
    assert legend == ["is held by", "waits for", "has its block flag set by", "in the circle"]


def test_predict_each_step(visit: Any) -> None:
    """A question before the step, what was said beside what came, kept for the next visit."""
    seen = visit("by-hand")
    seen.stepper.get_by_label("Predict each step").check()
    seen.button("Step ab").click()
    question = seen.stepper.get_by_role("group", name="Predict: what about ab, after lock(a)?")
    assert question.is_visible()
    seen.page.keyboard.press("2")
    assert question.is_visible(), "a digit steps, it is no answer"
    assert seen.schedule == ""
    seen.page.keyboard.press("b")
    assert (seen.schedule, question.count()) == ("1", 0)
    assert seen.status() == "1. ab: lock(a). You predicted: It waits, another can move. Not so. It can go on."
    seen.page.keyboard.press("2")
    seen.page.keyboard.press("D")
    assert "Deadlock" in seen.status()
    assert seen.status().endswith("You predicted: Nobody can move: deadlock. Right.")
    seen.page.reload()
    seen.button("Step ab").click()
    assert seen.status().endswith("You predicted: It waits, another can move. Not so. It can go on.")
    seen.stepper.get_by_label("Predict each step").check()
    seen.button("Step ba").click()
    seen.page.keyboard.press("Escape")
    assert seen.schedule == "1-2"
    seen.button("Undo").click()
    seen.button("Step ba").click()
    assert question.or_(seen.stepper.locator("fieldset")).count() == 1
    seen.button("Undo").click()
    assert (seen.schedule, seen.stepper.locator("fieldset").count()) == ("", 0)


@pytest.mark.parametrize("by", ["play", "step"])
def test_the_authors_question_comes_first(visit: Any, by: str) -> None:
    """Before the first step or before play; its answer is kept and told at the end."""
    seen = visit("asked")
    seen.button("Step ab" if by == "step" else "Play the shortest deadlock").click()
    assert seen.schedule == ""
    assert seen.stepper.get_by_role("group", name="Predict: Who takes a last?").is_visible()
    seen.stepper.get_by_role("button", name="nobody", exact=True).click()
    assert seen.schedule == "1"
    seen.field().fill("1-2")
    seen.button("Go").click()
    assert seen.status().endswith("You predicted: nobody. Not so. Somebody must.")
    seen.page.reload()
    seen.button("Step ba").click()
    assert seen.schedule == "2"


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_the_question_opens_in_sight(visit: Any, width: int) -> None:
    """Of whoever clicks the last task, far below it; answered, the task is in sight again."""
    seen = visit("circle-asked", width=width)
    seen.page.set_viewport_size({"width": width, "height": 700})
    seen.steps(5)
    question = seen.stepper.get_by_role("group", name="Predict: Who takes a last?")
    status = seen.stepper.get_by_role("status").bounding_box()
    box = question.bounding_box()
    assert box["y"] >= status["y"] + status["height"]
    assert box["y"] + box["height"] <= 700
    seen.page.keyboard.press("a")
    assert seen.schedule == "5"
    assert 0 <= seen.button("Step cpu_hotplug").bounding_box()["y"] <= 680


def test_works_where_nothing_can_be_kept(visit: Any) -> None:
    """A browser without storage."""
    seen = visit("circle")
    seen.page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw Error('no'); } })")
    seen.page.reload()
    seen.stepper.get_by_label("Predict each step").check()
    seen.steps(1)
    seen.page.keyboard.press("a")
    assert seen.status().endswith("You predicted: It can go on. Right.")
    assert seen.errors == []
