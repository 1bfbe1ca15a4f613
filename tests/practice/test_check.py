"""`check`: three outcomes, in a text that is the same every time and a page that needs no kernel."""

from __future__ import annotations

import linecache
import sys
import types

import pytest

from kvmlab.errors import ScenarioError
from kvmlab.practice import check, hints
from kvmlab.practice.check import checked
from kvmlab.practice.library import answers
from kvmlab.practice.result import Result
from kvmlab.practice.task import answer, function, missing, task, tasks
from kvmlab.stepper import step

from .marks import Tags


def result_of(name: str, answer_name: str) -> Result:
    (one,) = [one for one in answers(name) if one.name == answer_name]
    return checked(task(name), one.namespace(), record=False, seconds=None)


def test_names_are_read_where_check_is_called() -> None:
    who, who_because = "b", "3"
    assert check("09.last").correct, (who, who_because)


def test_an_unknown_task_is_a_sentence() -> None:
    with pytest.raises(ScenarioError, match=r"no task is called '09\.talk'; there are 09\.last, 09\.dying"):
        check("09.talk")
    with pytest.raises(ScenarioError, match="a task is named by a text"):
        check(9)  # type: ignore[arg-type]


def test_the_text_of_a_rejected_walk() -> None:
    text = repr(result_of("09.walk", "tries_once"))
    assert text.startswith("09.walk, The walk of set_nx_huge_pages: not yet.\n  vm0 was on the list all the time")
    assert "Found with: one VM, whose memory changes meanwhile." in text
    assert "trylock(vm0.slots_lock)" in text
    assert "(M7)" in text
    assert text.endswith('hints("09.walk") has three hints.')
    prose = [line for line in text.splitlines() if not line.startswith("    ")]
    assert max(map(len, prose)) <= 76


def test_a_deadlock_says_who_waits_where_and_in_how_many_schedules() -> None:
    text = " ".join(repr(result_of("01.transfer", "giver_first")).split())
    assert "anna_to_anna waits for anna.lock, line 10: with taker.lock:" in text
    assert "A deadlock in 1 of 1 schedule" in text


def test_the_text_of_a_right_one_says_what_it_was_checked_against() -> None:
    text = repr(result_of("01.three", "a_ring"))
    assert text.startswith("01.three, A deadlock of exactly three: correct.\n")
    assert "all three: 168 schedules" in text


@pytest.mark.parametrize("name", ["as_it_is", "puts_under_kvm_lock", "tries_once", "does_not_pin"])
def test_twice_the_same_text(name: str) -> None:
    assert repr(result_of("09.walk", name)) == repr(result_of("09.walk", name))


@pytest.mark.parametrize(
    ("name", "shows"),
    [
        pytest.param("puts_under_kvm_lock", "<lock-stepper", id="a deadlock of few states: a stepper"),
        pytest.param("as_it_is", "<svg", id="a deadlock of many states: a chart"),
        pytest.param("tries_once", "<svg", id="a failure: a chart"),
    ],
)
def test_the_page_shows_the_counterexample(name: str, shows: str) -> None:
    page = result_of("09.walk", name).page()
    assert shows in page
    Tags(page)


def test_what_python_said_is_folded_and_without_our_own_frames() -> None:
    page = result_of("09.walk", "does_not_pin").page()
    folded = page.split("<summary>What Python said</summary>")[1].split("</details>")[0]
    assert "UseAfterFree" in folded
    assert "controlled.py" not in folded


def test_the_counterexample_can_be_replayed() -> None:
    from kvmlab import replay

    result = result_of("09.walk", "puts_under_kvm_lock")
    assert result.scenario is not None
    assert replay(result.scenario, result.schedule).verdict == "deadlock"


@pytest.mark.parametrize(
    "body", ["...", '"""What it does."""\n    ...', "raise NotImplementedError", "raise NotImplementedError('TODO')"]
)
def test_a_starter_is_not_attempted(body: str) -> None:
    names: dict[str, object] = {}
    exec(f"def walk(w):\n    {body}\n", names)
    assert checked(task("09.walk"), names, record=False).outcome == "not attempted"


def said_of(name: str, source: str) -> tuple[str, str]:
    names: dict[str, object] = {}
    exec(source, names)
    result = checked(task(name), names, record=False)
    return result.outcome, result.reason


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("def walk(): pass", "`walk()` should take one argument: `def walk(w):`."),
        ("def walk(w, x): pass", "`walk(w, x)` should take one argument: `def walk(w):`."),
        ("def walk(w, x: int, *, y): w.zap(x)", "`walk(w, x, *, y)` should take one argument: `def walk(w):`."),
        ("def find(w): pass", "`find(w)` should take two arguments: `def find(w, name):`."),
        ("def transfer(giver, taker): pass",
         "`transfer(giver, taker)` should take three arguments: `def transfer(giver, taker, amount):`."),
    ],
)  # fmt: skip
def test_a_function_that_cannot_be_called_is_told_what_it_takes(source: str, sentence: str) -> None:
    name = {"walk": "09.walk", "find": "03.find", "transfer": "01.transfer"}[source[4:].split("(")[0]]
    assert said_of(name, source) == ("not yet", sentence)


@pytest.mark.parametrize("head", ["walk(w, more=())", "walk(*given)", "walk(world)"])
def test_what_takes_one_argument_may_take_more(head: str) -> None:
    assert said_of("09.walk", f"def {head}: pass") == ("not attempted", "`walk` is still to be written.")


def test_something_else_is_told_how_its_function_begins() -> None:
    assert said_of("03.find", "find = 3") == (
        "not yet", "`find` is 3; it should be a function: `def find(w, name):`.",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["exit", "quit"])
def test_exit_in_a_notebook_shows_the_line_of_the_reader(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = f"def walk(w):\n    {name}()\n"
    monkeypatch.setitem(linecache.cache, "<cell>", (len(source), None, source.splitlines(keepends=True), "<cell>"))
    shell = types.SimpleNamespace(user_ns={})
    exec(compile("def exiter():\n    shell.ask_exit()\n", "<autocall>", "exec"), {"shell": shell}, vars(shell))
    shell.user_ns[name] = shell.exiter
    exec(compile(source, "<cell>", "exec"), shell.user_ns)
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    result = checked(task("09.walk"), shell.user_ns, record=False)
    assert result.findings[0].sentence == "walk raised SystemExit"
    assert result.findings[0].lines == (f"line 2: {name}()",)
    assert shell.user_ns[name] is shell.exiter
    assert not hasattr(shell, "ask_exit")


def test_a_name_that_is_still_none_is_not_attempted() -> None:
    assert missing(answer("order"), {"order": None}) == "`order` is still to be written."
    assert missing(answer("order"), {"order": ...}) is not None
    assert missing(answer("order"), {"order": []}) is None


def test_a_stepper_that_was_not_moved_is_not_attempted() -> None:
    from kvmlab.practice.tasks.ch01 import desk

    stepper = step(desk())
    assert missing(answer("stepper"), {"stepper": stepper}) is not None
    stepper.play("1-1")
    assert missing(answer("stepper"), {"stepper": stepper}) is None
    assert check("01.desk").correct


def test_a_function_that_does_something_is_attempted() -> None:
    def walk(w: object) -> None:
        print(w)

    assert missing(function("walk"), {"walk": walk}) is None


@pytest.mark.parametrize("one", tasks(), ids=lambda one: one.id)
def test_hints_open_one_at_a_time_without_a_script(one: object) -> None:
    shown = hints(one.id)  # type: ignore[attr-defined]
    page = shown.page()
    assert page.count("<details>") == 3
    first, second, third = (page.index(f"{name} hint</summary>") for name in ("First", "Second", "Third"))
    assert first < second < third
    assert page.endswith("</details></details></details></div>")
    assert "script" not in page
    assert shown[3] not in repr(shown)


def test_there_is_no_fourth_hint() -> None:
    with pytest.raises(IndexError, match="hints 1, 2 and 3, not 4"):
        hints("09.walk")[4]


def test_a_function_that_returns_a_constant_has_been_written() -> None:
    untouched = [lambda w: None, lambda w: ...]
    assert missing(function("walk"), {"walk": untouched[0]}) is not None
    assert missing(function("walk"), {"walk": lambda w: 42}) is None
