"""The stepper: its data are the state graph, its text is stable, nothing of a scenario breaks out of the page."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import re
import subprocess
import sys
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from kvmlab import Mutex, Refcount, Scenario, ScenarioError, Shared, explore, replay, state_graph, threading
from kvmlab.graph import StateGraph
from kvmlab.kvm import KvmWorld, create_vm, put
from kvmlab.operation import free
from kvmlab.practice import Predict
from kvmlab.stepper import Stepper, step
from kvmlab.stepper.page import module, script, tag
from tests.oracles.waiters import WAITERS
from tests.oracles.worlds import CONFIGURATIONS

ROOT = Path(__file__).resolve().parents[1]
CIRCLE = CONFIGURATIONS["B a writer waits"]
SHORTEST = "1-2-3-1-4-5-3"


class Two:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()


def ab(w: Two) -> None:
    with w.a, w.b:
        pass


def ba(w: Two) -> None:
    with w.b, w.a:
        pass


def never_unlocks(w: Two) -> None:
    w.a.lock()


def raises(w: Two) -> None:
    with w.a:
        raise ValueError("on purpose")


def frees(w: Two) -> None:
    free(w.b)


class Timed:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.items = threading.Condition()


def patient(w: Timed) -> None:
    with w.lock, w.items:
        w.items.notify()


def hasty(w: Timed) -> None:
    if w.lock.acquire(timeout=1):
        w.lock.release()


def sleeper(w: Timed) -> None:
    with w.items:
        w.items.wait(timeout=1)


NoVM = partial(KvmWorld, vms=0)


def create_and_close(w: KvmWorld, name: str) -> None:
    put(w, create_vm(w, name))


class Empty:
    pass


class Kept:
    def __init__(self) -> None:
        self.lock = Mutex()
        self.users = Refcount(2)
        self.seen: Shared = Shared(None)


def keeps(w: Kept) -> None:
    w.seen.store((w.lock, frozenset({"x", "y", (1, frozenset({"u", "v", "w"}))}), True))
    w.users.dec_and_test()


SCENARIOS = {
    **CONFIGURATIONS,
    "two locks, two orders": Scenario(Two, ab, ba),
    "one function twice": Scenario(Two, ab, ab),
    "one alone": Scenario(Two, ab),
    "ends with a lock": Scenario(Two, never_unlocks, ab),
    "raises": Scenario(Two, raises, ab, ba),
    "uses a freed lock": Scenario(Two, frees, ab),
    "timeouts": Scenario(Timed, patient, hasty, sleeper),
    "objects in a cell": Scenario(Kept, keeps, keeps),
    "nothing to do": Scenario(Empty, lambda w: None),
    "VMs that die": Scenario(NoVM, partial(create_and_close, name="a"), partial(create_and_close, name="b")),
}


def data_of(stepper: Stepper) -> dict[str, Any]:
    """What a page finds in the element."""
    found = re.search(r'<script type="application/json">(.*?)</script>', stepper.page(), re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def decoded(data: dict[str, Any]) -> dict[str, Any]:
    """The columns of the state graph, found from the tables alone, as the script finds them."""
    tasks, count = range(len(data["tasks"])), len(data["tasks"])

    def spot(row: tuple[int, ...], task: int) -> list[Any]:
        return list(data["spots"][data["places"][task][row[task]]])

    rows = [(0,) * (count + len(data["locks"]))]
    numbers, moves, kinds, parents = {rows[0]: 0}, [], [], [(-1, -1)]
    for at, row in enumerate(rows):
        ends = [spot(row, task)[5] for task in tasks]
        stopped = "failed" in ends or at in data["failed"]
        moves.append([-1] * count)
        for task in tasks:
            node, leads = spot(row, task)[1], data["moves"][task][row[task]]
            if stopped or ends[task] or str(row[node]) not in leads:
                continue
            following = list(row)
            following[task], following[node] = leads[str(row[node])]
            key = tuple(following)
            if key not in numbers:
                numbers[key] = len(rows)
                rows.append(key)
                parents.append((at, task))
            moves[at][task] = numbers[key]
        kinds.append(
            "failed" if stopped
            else "open" if max(moves[at]) >= 0
            else "cut" if at in data["cut"]
            else "done" if all(ends)
            else "dead"
        )  # fmt: skip
    return {
        "moves": tuple(zip(*moves, strict=True)),
        "stands": tuple(zip(*rows, strict=True))[:count],
        "values": tuple(zip(*rows, strict=True))[count:],
        "kinds": tuple(kinds),
        "parents": tuple(parents),
    }


def waits_of(data: dict[str, Any], graph: StateGraph, state: int) -> dict[str, tuple[str, list[str]]]:
    """By task that waits in `state`: the sentence and whom it waits for, from the tables."""
    found = {}
    for task, name in enumerate(data["tasks"]):
        at = graph.stands[task][state]
        node, numbers = data["spots"][data["places"][task][at]][1], data["waits"][task][at]
        value = str(graph.values[node - len(graph.tasks)][state]) if node >= 0 else ""
        if value in numbers:
            says, whom = data["reasons"][numbers[value]]
            found[name] = (says, [data["tasks"][other] for other in whom])
    return found


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_is_given_the_state_graph(name: str) -> None:
    """Whoever reads the tables finds the same states under the same numbers, and the same moves."""
    graph = state_graph(SCENARIOS[name])
    data = data_of(step(SCENARIOS[name]))
    columns = decoded(data)
    assert columns == {key: getattr(graph, key) for key in columns}
    assert data["check"] == [len(graph), str(graph.ahead[0]), str(graph.dead_ahead[0])]
    assert (tuple(data["tasks"]), tuple(data["locks"])) == (graph.tasks, graph.resources)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_wait_is_told_and_no_other(name: str) -> None:
    """In every state, by task: why it waits, and for whom."""
    graph = state_graph(SCENARIOS[name])
    data = data_of(step(SCENARIOS[name]))
    for state in range(len(graph)):
        expected = {}
        for task, of_task in zip(graph.tasks, range(len(graph.tasks)), strict=True):
            place = graph.places[of_task][graph.stands[of_task][state]]
            number = graph.values[graph.resources.index(place.resource)][state] if place.resource else -1
            if number in place.reasons:
                why, whom = place.reasons[number]
                expected[task] = (
                    f"{task} waits for {place.resource}: {why}.",
                    [each for each in whom if each in graph.tasks],
                )
        assert waits_of(data, graph, state) == expected


def test_the_circle_fits_its_budget() -> None:
    """25 KB gzipped for the data of a page, 30 KB for the script with its style."""
    page = step(CIRCLE).page()
    data = page[: page.index('<script class="lock-stepper-script">')]
    assert len(gzip.compress(data.encode(), 6)) < 6_000
    assert len(script().encode()) <= 30_000
    static = ROOT / "kvmlab" / "static"
    assert sum((static / name).stat().st_size for name in ("stepper.js", "stepper.css")) <= 30_000


def test_the_legend_has_what_the_graph_has() -> None:
    """No dotted line where nobody waits inside a lock."""
    kept = "has its block flag set by"
    legends = {
        name: re.findall(r'<g class="(\w+)"><path [^>]*/></g></svg> ([^<]*)<', data_of(step(scenario))["shell"])
        for name, scenario in SCENARIOS.items()
    }
    assert legends["B a writer waits"] == [
        ("hold", "is held by"), ("wait", "waits for"), ("kept", kept), ("cycle", "in the circle"),
    ]  # fmt: skip
    assert [look for look, _ in legends["two locks, two orders"]] == ["hold", "wait", "cycle"]


def test_the_landing_page_opens_one_operation_before_the_deadlock() -> None:
    """One task can move, and does it."""
    spec = importlib.util.spec_from_file_location("kl_circle", ROOT / "book" / "_ext" / "kl_circle.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    start = re.search(r"^:start: (\S+)$", text, re.MULTILINE)
    assert start
    stepper = step(module.circle)
    assert stepper.play(start[1]).movable == ("vcpu_run",)
    assert "step `vcpu_run`" in text
    last = stepper.graph.tasks.index("vcpu_run") + 1
    assert stepper.play(f"{start[1]}-{last}").kind == "dead"


def test_the_script_is_classic_and_asks_for_nothing() -> None:
    """It runs from file:// and leads nowhere."""
    text = script()
    assert not re.search(r"^\s*(?:import|export)\b|\bfetch\(|import\(", text, re.MULTILINE)
    assert not re.search("https?://", text)
    assert "</script" not in text.lower()
    assert text in module()
    assert module().count("export default") == 1


def test_two_versions_have_two_names() -> None:
    """So they can share a page."""
    assert re.fullmatch(r"lock-stepper-[0-9a-f]{8}", tag())
    assert step(CIRCLE).page().startswith(f'<{tag()} id="step-world" class="lock-stepper">')


class Text(HTMLParser):
    """A page's tags and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


NASTY = "</script><img src=x onerror=alert(1)><!--<script>&amp;\u2028'\""


def nasty(w: Two) -> None:
    "</script><b>"
    with w.a, w.b:
        pass  # </script><img src=x onerror=alert(1)><!--<script>


def test_nothing_of_a_scenario_breaks_out() -> None:
    """Names, code and questions stay text, in the JSON as in the table."""
    first, second = partial(nasty), partial(ba)
    scenario = Scenario(Two, first, second, name=NASTY)
    scenario.task_names = (NASTY, f"{NASTY} 2")
    asked = Predict(NASTY, {NASTY: NASTY, "no": NASTY}, right="no")
    stepper = step(scenario, anchor="x", predict=asked)
    read = Text(stepper.page())
    assert read.tags.count("script") == 2
    assert not {"img", "b"} & set(read.tags)
    assert NASTY in "".join(read.text)
    data = data_of(stepper)
    assert (data["title"], data["question"]["text"], data["tasks"][0]) == (NASTY, NASTY, NASTY)
    inside = Text(data["shell"])
    assert not {"img", "b", "script"} & set(inside.tags)
    assert NASTY in "".join(inside.text)


def program(stepper: Stepper, task: int = 0) -> str:
    """A task's program as the stepper shows it."""
    cards = data_of(stepper)["shell"].split('<div class="card"')[1:]
    return "\n".join("".join(Text(line).text) for line in re.findall(r"<code>.*?</code>", cards[task]))


def test_a_program_is_shown_as_it_was_written() -> None:
    """At the left margin, without its docstring."""
    assert program(step(CIRCLE)) == (
        "def set_memory_region(w: World) -> None:\n    with w.slots_lock:\n        w.srcu.synchronize()"
    )


def helper(w: Two) -> None:
    with w.b:
        pass


def test_a_helper_is_shown_below_its_caller() -> None:
    """Wherever a task stands, the line is there."""

    def calls(w: Two) -> None:
        with w.a:
            helper(w)

    stepper = step(Scenario(Two, calls, ba))
    assert program(stepper) == (
        "def calls(w: Two) -> None:\n    with w.a:\n        helper(w)\n"
        "def helper(w: Two) -> None:\n    with w.b:\n        pass"
    )
    assert all(spot[2] >= 0 for spot in data_of(stepper)["spots"] if spot[0])


def test_a_partial_shows_the_function_behind_it() -> None:
    """The name has the arguments, the program is the function's."""

    def takes(w: Two, number: int) -> None:
        with w.a if number else w.b:
            pass

    stepper = step(Scenario(Two, partial(takes, number=1)))
    assert stepper.graph.tasks == ("takes(number=1)",)
    assert program(stepper).startswith("def takes(w: Two, number: int)")


class Callable:
    def __call__(self, w: Two) -> None:
        with w.a:
            pass

    def method(self, w: Two) -> None:
        with w.b:
            pass


def test_what_is_no_plain_function_is_shown_too() -> None:
    """An object that is called, and a method."""
    stepper = step(Scenario(Two, Callable(), Callable().method))
    assert program(stepper).startswith("def __call__(self, w: Two)")
    assert program(stepper, 1).startswith("def method(self, w: Two)")


def test_a_program_that_cannot_be_read_is_its_operations() -> None:
    """A lambda, or code without a file."""
    space: dict[str, Any] = {}
    exec("def typed(w):\n    with w.b:\n        pass", space)
    stepper = step(Scenario(Two, lambda w: (w.a.lock(), w.a.unlock()), space["typed"]))
    assert program(stepper) == "lock(a)\nunlock(a)"
    assert program(stepper, 1) == "lock(b)\nunlock(b)"
    assert [spot[2:4] for spot in data_of(stepper)["spots"] if spot[0]] == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_the_text_is_the_shortest_deadlock() -> None:
    """What nbval compares."""
    lines = repr(step(CIRCLE)).splitlines()
    assert lines[0] == "World: 5 tasks, 4,126 states."
    assert lines[1:6] == [f"  {number}  {name}" for number, name in enumerate(CIRCLE.task_names, 1)]
    assert lines[6] == f"245 of 252,000,010 schedules deadlock. The shortest, {SHORTEST}:"
    assert [line.split()[1] for line in lines[7:14]] == [CIRCLE.task_names[int(n) - 1] for n in SHORTEST.split("-")]
    assert lines[14] == "then nobody can move:"
    told = explore(CIRCLE).deadlocks[0]
    assert [line.strip().split()[0] for line in lines[15:]] == [wait.task for wait in told.waits]
    assert all(" ".join(line.split()) in " ".join(str(told).split()) for line in lines[15:])


def test_the_text_of_what_cannot_deadlock() -> None:
    """It says so."""
    scenario = CONFIGURATIONS["A readers only"]
    expected = f"None of {explore(scenario).schedules:,} schedules deadlocks."
    assert repr(step(scenario)).splitlines()[-1] == expected


def test_text_and_page_are_the_same_for_every_hash_seed() -> None:
    """No order of a set, no address, no time."""
    code = (
        "from tests.test_stepper import *\n"
        "import hashlib\n"
        "for name, scenario in SCENARIOS.items():\n"
        "    stepper = step(scenario)\n"
        "    print(name, hashlib.sha256((repr(stepper) + stepper.page() + repr(stepper.state)).encode()).hexdigest())\n"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT, text=True, check=True,
            stdout=subprocess.PIPE,
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    assert len(said) == 1


def test_without_javascript_there_is_the_shortest_deadlock() -> None:
    """A table with the schedule, and a sentence for each who waits."""
    page = step(CIRCLE).page()
    table = page[page.index('<div class="lock-stepper-trace"') : page.index("</div></lock-stepper")]
    assert f"The shortest: {SHORTEST}" in table
    assert table.count("<tr>") == 8
    assert table.count("<li>") == 5
    assert "vcpu_run waits for cpu_hotplug_lock: a writer, cpu_hotplug, is waiting" in table


def test_python_drives_and_reads() -> None:
    """`play`, `schedule` and `state`, with no front end."""
    stepper = step(CIRCLE)
    assert (stepper.schedule, stepper.state.number, stepper.shortest) == ("", 0, SHORTEST)
    state = stepper.play("1-2-3")
    assert (state.schedules, state.deadlocked, state.kind) == (10_963, 4, "open")
    assert state.tasks["set_nx_huge_pages"] == "waits for slots_lock: set_memory_region holds it"
    assert state.locks["kvm_lock"] == "owner set_nx_huge_pages"
    assert state.movable == ("set_memory_region", "vcpu_run", "cpufreq_notifier", "cpu_hotplug")
    assert stepper.play(explore(CIRCLE).deadlocks[0].schedule).kind == "dead"
    assert replay(CIRCLE, stepper.schedule).verdict == "deadlock"
    assert str(stepper.state).startswith("Deadlock: nobody can move.")
    assert stepper.play("").number == 0


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ("1-2-2", "stops fitting at operation 3, a move of task 2: set_nx_huge_pages waits for slots_lock"),
        ("6", "moves task 6 at operation 1, but the tasks are 1 set_memory_region"),
        ("1x5", "set_memory_region cannot move any more"),
        ("one", "'one' in the schedule 'one' is no task"),
    ],
)
def test_a_schedule_that_does_not_fit_is_refused(schedule: str, says: str) -> None:
    """In a sentence, and nothing changes."""
    stepper = step(CIRCLE)
    stepper.play("1")
    with pytest.raises(ScenarioError, match=re.escape(says)):
        stepper.play(schedule)
    assert stepper.schedule == "1"


def test_a_schedule_in_which_notify_wakes_another_than_here_is_refused() -> None:
    """One in which it wakes nobody goes through."""
    stepper = step(WAITERS)
    found = explore(WAITERS, notify_order="any")
    with pytest.raises(ScenarioError, match='was found with notify_order="any", and in the stepper notify wakes'):
        stepper.play(found.failures[0].schedule)
    assert stepper.schedule == ""
    alone = explore(Scenario(Two, ab, ba), notify_order="any").deadlocks[0].schedule
    assert step(Scenario(Two, ab, ba)).play(alone).kind == "dead"


def test_values_of_cells_are_told_by_name() -> None:
    """An object of the world has its name there, and a set one order."""
    stepper = step(SCENARIOS["objects in a cell"])
    assert stepper.play("1").locks["seen"] == "value lock, {(1, {u, v, w}), x, y}, yes"


def test_the_anchor_is_the_scenarios_or_ones_own() -> None:
    """What a link can name."""
    assert step(Scenario(Two, ab, name="Two locks, two orders!")).anchor == "step-two-locks-two-orders"
    assert step(Scenario(Two, ab, name="…")).anchor == "step-tasks"
    assert step(CIRCLE, anchor="circle").page().split(">")[0].endswith('id="circle" class="lock-stepper"')
    with pytest.raises(ScenarioError, match="an anchor is a letter"):
        step(CIRCLE, anchor="a b")


def test_a_bad_call_says_what_to_write() -> None:
    """Not a bare traceback from inside."""
    with pytest.raises(ScenarioError, match=r"write step\(Scenario\(World, task\)\)"):
        step(Two)  # type: ignore[arg-type]
    with pytest.raises(ScenarioError, match="more than 100 states"):
        step(CIRCLE, max_states=100)


def test_two_things_of_one_name_are_refused() -> None:
    """The reader could not tell them apart."""

    class Same:
        def __init__(self) -> None:
            self.a, self.b = Mutex(), Mutex()
            self.a.name = self.b.name = "lock"  # type: ignore[attr-defined]

    def both(w: Same) -> None:
        with w.a, w.b:
            pass

    with pytest.raises(ScenarioError, match="two things of this world are called 'lock'"):
        step(Scenario(Same, both))


def test_the_three_forms() -> None:
    """Text, page, and a widget that Python and the reader share."""
    asked = Predict("Who waits?", {"nobody": "…", "all": "Yes."}, right="all")
    stepper = step(CIRCLE, predict=asked)
    bundle = stepper._repr_mimebundle_()
    assert {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"} <= set(bundle)
    widget = stepper.widget
    widget.schedule = "1-2"
    assert stepper.schedule == "1-2"
    stepper.play("3")
    assert widget.schedule == "3"
    widget.answer = "all"
    assert stepper.answer == "all"
    assert json.loads(widget.data)["question"]["choices"] == ["nobody", "all"]


def test_a_failed_state_says_what_went_wrong() -> None:
    """By its number, in the words of a replay."""
    stepper = step(SCENARIOS["ends with a lock"])
    told = json.loads(stepper._data)["faults"]
    kinds = stepper.graph.kinds
    assert {int(state) for state in told} == {state for state, kind in enumerate(kinds) if kind == "failed"}
    assert set(told.values()) == {"never_unlocks ended while it holds a."}


def test_many_failed_states_are_not_replayed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page then says how to ask."""
    monkeypatch.setattr("kvmlab.stepper.faults.MOST", 1)
    assert json.loads(step(SCENARIOS["ends with a lock"])._data)["faults"] == {}


def test_page_opens_where_the_stepper_stands() -> None:
    """At the start, unless it was driven."""
    stepper = step(Scenario(Two, ab, ba))
    assert "data-start" not in stepper.page()
    stepper.play("1-2")
    assert 'data-start="1-2"' in stepper.page()
