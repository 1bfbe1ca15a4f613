"""Reading files of scenarios, and the command."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvmlab.cli.lockdep import main
from kvmlab.lockdep import FormError, parse, read, run

GOOD: dict[str, Any] = {
    "scenarios": [
        {
            "name": "abba",
            "locks": {"a": {"kind": "mutex", "class": "a"}, "s": {"kind": "srcu"}},
            "steps": [
                {"name": "one", "events": [["lock", "a"], ["synchronize", "s"], ["unlock", "a"]]},
                {"name": "two", "events": [["read_lock", "s"], ["lock", "a"], ["unlock", "a"], ["read_unlock", "s"]]},
            ],
        }
    ]
}
Change = Callable[[Any], object]


def changed(change: Change) -> Any:
    data = copy.deepcopy(GOOD)
    change(data["scenarios"][0])
    return data


def test_a_good_file_needs_neither_meta_nor_expected_nor_class() -> None:
    (scenario,) = parse(GOOD)
    assert scenario.locks["s"][1] == "s"
    assert run(scenario, "6.12").data() == {
        "name": "abba",
        "verdict": "reported",
        "step": 2,
        "kind": "possible circular locking",
        "cycle": ["a", "s", "a"],
    }


def test_expected_is_not_looked_at() -> None:
    assert run(parse(changed(lambda s: s.update(expected="nonsense")))[0]).verdict == "reported"


def test_one_task_per_step_gives_each_step_its_own_task() -> None:
    (scenario,) = parse(changed(lambda s: s.update(one_task_per_step=True)))
    report = run(scenario).report
    assert report is not None
    assert [link.task for link in report.chain] == ["one", "two"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s["steps"][1]["events"][0].__setitem__(0, "lokc"),
         "scenarios[0].steps[1].events[0]: unknown event 'lokc'; known: lock, trylock, lock_nested"),
        (lambda s: s["steps"][1]["events"][0].__setitem__(1, "b"),
         "scenarios[0].steps[1].events[0]: unknown lock 'b'; known: a, s"),
        (lambda s: s["steps"][1]["events"][0].append(1),
         "scenarios[0].steps[1].events[0]: 'read_lock' has 3 parts, not 2: the event, the lock"),
        (lambda s: s["steps"][1]["events"].__setitem__(0, ["lock_nested", "a"]),
         "scenarios[0].steps[1].events[0]: 'lock_nested' has 2 parts, not 3: the event, the lock, its subclass"),
        (lambda s: s["steps"][1]["events"].__setitem__(0, ["lock_nested", "a", 8]),
         "scenarios[0].steps[1].events[0][2]: must be a number from 0 to 7, not 8"),
        (lambda s: s["steps"][1]["events"].__setitem__(0, ["lock_nested", "a", True]),
         "scenarios[0].steps[1].events[0][2]: must be a number from 0 to 7, not true"),
        (lambda s: s["steps"][1]["events"].__setitem__(0, ["lock_nest_lock", "a", "x"]),
         "scenarios[0].steps[1].events[0]: unknown lock 'x'; known: a, s"),
        (lambda s: s["steps"][1]["events"].__setitem__(0, []),
         'scenarios[0].steps[1].events[0]: is empty; write [event, lock], for example ["lock", "kvm_lock"]'),
        (lambda s: s["steps"][1]["events"].__setitem__(0, "lock a"),
         'scenarios[0].steps[1].events[0]: must be a list, not "lock a"'),
        (lambda s: s["steps"][1]["events"].__setitem__(0, [["lock"], "a"]),
         'scenarios[0].steps[1].events[0][0]: must be the name of a known event, not ["lock"]'),
        (lambda s: s["steps"][0]["events"].__setitem__(0, ["lock", "s"]),
         "scenarios[0].steps[0].events[0]: 'lock' does not fit 's': a lock of the kind 'srcu' has no exclusive holder"),
        (lambda s: s["steps"][0]["events"].__setitem__(0, ["read_lock", "a"]),
         "scenarios[0].steps[0].events[0]: 'read_lock' does not fit 'a': a lock of the kind 'mutex' has no readers"),
        (lambda s: s["steps"][0]["events"].__setitem__(0, ["synchronize", "a"]),
         "scenarios[0].steps[0].events[0]: 'synchronize' does not fit 'a': a lock of the kind 'mutex' has no grace"),
        (lambda s: s["steps"][0].pop("events"), "scenarios[0].steps[0]: the field 'events' is missing"),
        (lambda s: s["steps"][0].pop("name"), "scenarios[0].steps[0]: the field 'name' is missing"),
        (lambda s: s["steps"][0].update(name=3),
         "scenarios[0].steps[0].name: must be a text of printable characters, not empty, not 3"),
        (lambda s: s.pop("name"), "scenarios[0]: the field 'name' is missing"),
        (lambda s: s.update(name=""), "scenarios[0].name: must be a text of printable characters, not empty"),
        (lambda s: s.update(name="\ud800"), "scenarios[0].name: must be a text of printable characters, not empty"),
        (lambda s: s.pop("steps"), "scenarios[0]: the field 'steps' is missing"),
        (lambda s: s.update(steps={}), "scenarios[0].steps: must be a list, not {}"),
        (lambda s: s.pop("locks"), "scenarios[0]: the field 'locks' is missing"),
        (lambda s: s.update(locks=[]), "scenarios[0].locks: must be an object, not []"),
        (lambda s: s["locks"]["a"].pop("kind"), "scenarios[0].locks.a: the field 'kind' is missing"),
        (lambda s: s["locks"]["a"].update(kind="futex"),
         "scenarios[0].locks.a.kind: unknown kind 'futex'; known: mutex, spin, rwlock, rwsem, percpu_rwsem, srcu"),
        (lambda s: s["locks"]["a"].update({"class": None}),
         "scenarios[0].locks.a.class: must be a text of printable characters, not empty, not null"),
        (lambda s: s["locks"].update({"vm0.b": {"kind": "rwsem", "class": "a"}}),
         "scenarios[0].locks['vm0.b']: is a rwsem, but 'a' of the same class 'a' is a mutex"),
        (lambda s: s["locks"].update({"b\n": {"kind": "rwsem"}}), "scenarios[0].locks['b\\n'], the name: must be"),
        (lambda s: s.update(one_task_per_step="yes"),
         'scenarios[0].one_task_per_step: must be true or false, not "yes"'),
        (lambda s: s.update(one_task_per_stpe=True),
         "scenarios[0]: unknown field 'one_task_per_stpe'; did you mean 'one_task_per_step'?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(change: Change, message: str) -> None:
    with pytest.raises(FormError) as caught:
        parse(changed(change))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "the file: must be an object, not []"),
        ({}, "the file: the field 'scenarios' is missing"),
        ({"scenarios": {}}, "scenarios: must be a list, not {}"),
        ({"scenarios": [None]}, "scenarios[0]: must be an object, not null"),
        ({"scenarios": []}, "scenarios: there is no scenario in it"),
        ({"scenarios": ["x" * 100]}, 'scenarios[0]: must be an object, not "' + "x" * 56 + "..."),
    ],
)
def test_a_document_of_the_wrong_form(data: object, message: str) -> None:
    with pytest.raises(FormError) as caught:
        parse(data)
    assert str(caught.value) == message


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str | bytes], str]:
    def write(content: str | bytes) -> str:
        path = tmp_path / "history.json"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "is not JSON (line 1, column 2: "),
        ("", "is not JSON (line 1, column 1: "),
        (b"\xff\xfe", "is not UTF-8 text (byte 0)"),
        ("[" * 100_000, "cannot be read as JSON ("),
        ('{"scenarios": ' + "9" * 5000 + "}", "cannot be read as JSON ("),
        ('{"scenarios": 3}', "scenarios: must be a list, not 3"),
        ('{"scenarios": []}', "scenarios: there is no scenario in it"),
        ('{"scenarios": [], "scenarios": [1]}', "the file: 'scenarios' is given more than once"),
        (
            '{"scenarios": [{"name": "n", "locks": {"a": {"kind": "mutex"}, "a": {"kind": "srcu"}}, "steps": []}]}',
            "scenarios[0].locks: 'a' is given more than once",
        ),
        (
            '{"scenarios": [{"name": "n", "locks": {}, "steps": [], "steps": []}]}',
            "scenarios[0]: 'steps' is given more than once",
        ),
    ],
    ids=[
        "cut off",
        "empty",
        "not text",
        "nested too deeply",
        "huge number",
        "wrong form",
        "no scenario",
        "scenarios twice",
        "a lock twice",
        "steps twice",
    ],
)
def test_the_command_says_in_one_sentence_what_is_wrong_with_the_file(
    content: str | bytes, problem: str, file: Callable[[str | bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(content)
    assert main([path]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{path}: {problem}")
    assert err.count("\n") == 1


def test_what_is_not_looked_at_may_be_given_twice(file: Callable[[str | bytes], str]) -> None:
    text = json.dumps(GOOD)[:-1] + ', "meta": {"a": 1, "a": 2}}'
    assert len(read(file(text))) == 1


def rwlock(*events: list[str], per_step: bool = False, kind: str = "rwlock") -> Any:
    """One lock; every event is a step of its own."""
    steps = [{"name": f"s{number}", "events": [event]} for number, event in enumerate(events)]
    locks = {"a": {"kind": kind}, "m": {"kind": "mutex"}}
    return {"scenarios": [{"name": "n", "locks": locks, "steps": steps, "one_task_per_step": per_step}]}


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([["lock", "a"], ["read_unlock", "a"]],
         "[1].events[0]: 'read_unlock' does not fit 'lock' of 'a'; write 'unlock'"),
        ([["trylock", "a"], ["read_trylock", "a"], ["read_unlock", "a"]],
         "[2].events[0]: 'read_unlock' does not fit 'trylock' of 'a'; write 'unlock'"),
        ([["read_trylock", "a"], ["trylock", "a"], ["lock", "m"], ["unlock", "a"]],
         "[3].events[0]: 'unlock' does not fit 'read_trylock' of 'a'; write 'read_unlock'"),
        ([["read_lock", "a"], ["read_lock", "a"], ["read_unlock", "a"], ["unlock", "a"]],
         "[3].events[0]: 'unlock' does not fit 'read_lock' of 'a'; write 'read_unlock'"),
    ],
)  # fmt: skip
def test_an_unlock_of_the_other_kind_is_told_with_its_place(events: list[list[str]], message: str) -> None:
    with pytest.raises(FormError) as caught:
        parse(rwlock(*events))
    assert str(caught.value) == f"scenarios[0].steps{message}"


@pytest.mark.parametrize(
    "events",
    [
        [["read_lock", "a"], ["lock", "a"], ["read_unlock", "a"], ["unlock", "a"]],
        [["lock", "a"], ["unlock", "a"], ["read_lock", "a"], ["read_unlock", "a"]],
    ],
)
def test_an_unlock_that_fits_an_acquisition_may_come_in_any_order(events: list[list[str]]) -> None:
    parse(rwlock(*events))


def test_an_unlock_of_what_the_task_does_not_hold_is_lockdeps_to_report() -> None:
    (scenario,) = parse(rwlock(["lock", "a"], ["read_unlock", "a"], per_step=True))
    assert run(scenario).kind == "still has locks held"
    (scenario,) = parse(rwlock(["read_unlock", "a"]))
    assert run(scenario).kind == "bad unlock balance"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "the following arguments are required: FILE.json"),
        (["f.json", "--linux", "6.13"], "argument --linux: invalid choice: "),
        (["f.json", "--jsn"], "unrecognized arguments: --jsn"),
        (["f.json", "--js"], "unrecognized arguments: --js"),
    ],
)
def test_a_call_that_cannot_be_used_gets_one_sentence(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(argv)
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert err.startswith(message)
    assert err.endswith("; see python -m kvmlab lockdep --help\n")
    assert err.count("\n") == 1


def test_the_command_says_that_a_file_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "no.json"), "--json"]) == 2
    assert capsys.readouterr().err == f"{tmp_path / 'no.json'}: cannot be read (No such file or directory)\n"
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}: cannot be read (Is a directory)\n"


def test_the_command_prints_one_json_line_a_scenario(
    file: Callable[[str | bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(json.dumps({"scenarios": GOOD["scenarios"] * 2}))
    assert main([path, "--json", "--linux", "6.1"]) == 0
    line = '{"name": "abba", "verdict": "silent", "step": null, "kind": null, "cycle": null}\n'
    assert capsys.readouterr().out == line * 2


def test_the_command_prints_the_report_for_people(
    file: Callable[[str | bytes], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([file(json.dumps(GOOD))]) == 0
    out = capsys.readouterr().out
    assert out.startswith("abba: reported at step 2\n\n    WARNING: possible circular locking dependency detected\n")
    assert out.endswith("\n1 scenario: 1 reported, 0 warning, 0 silent.\n")


def test_the_command_agrees_with_the_real_kernel_on_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(__file__).parents[2] / "kvmlab/data/lockdep-scenarios.json"
    assert main([str(path), "--linux", "6.12", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    expected = json.loads(path.read_text(encoding="utf-8"))["scenarios"]
    fields = ("verdict", "step", "kind", "cycle")
    assert lines == [{"name": e["name"]} | {f: e["expected"][f] for f in fields} for e in expected]
    assert len(read(path)) == 94
