"""The command line: what it prints, what it says to a bad call, and its exit codes."""

from __future__ import annotations

import importlib
import json
import math
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kvmlab import explore
from kvmlab.cli import commands, data, main
from kvmlab.cli.files import BadFile, scenarios, split
from kvmlab.verdict import Failure

ROOT = Path(__file__).parents[1]

WORLD = """\
from kvmlab import Mutex, Scenario

class World:
    def __init__(self):
        self.a = Mutex()
        self.b = Mutex()

def one(w):
    with w.a:
        with w.b:
            pass

def two(w):
    with w.b:
        with w.a:
            pass

def forgets(w):
    w.a.lock()

"""
BROKEN = WORLD + "broken = Scenario(World, one, two)\n"
FIXED = WORLD + "fixed = Scenario(World, one, one)\n"
BOTH = WORLD + "fixed = Scenario(World, one, one)\nbroken = Scenario(World, one, two)\nalso_fixed = fixed\n"

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str, name: str = "circle.py") -> str:
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
        return str(tmp_path / name)

    return write


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*argv: str) -> tuple[int, str, str]:
        code = main(argv)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def process(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    command = [sys.executable, "-m", "kvmlab", *argv]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, **options)


# --- verdicts and exit codes


@pytest.mark.parametrize(
    ("text", "options", "code", "says"),
    [
        (FIXED, [], 0, "World: proven."),
        (BROKEN, [], 1, "World: deadlock, 1 way, in 2 of 6 schedules."),
        (WORLD + "s = Scenario(World, forgets)", [], 1, "World: failed, 1 way."),
        (FIXED, ["--max-states", "3"], 3, "World: not finished, so nothing is proven."),
        (FIXED, ["--by", "traces", "--max-runs", "1"], 3, "World: not finished, so nothing is proven."),
        (
            BROKEN,
            ["--max-states", "3", "--by", "traces"],
            1,
            "World: deadlock, 1 way, in 1 of 3 inequivalent schedules.",
        ),
    ],
)
def test_explore_ends_with_a_code_for_its_verdict(
    write: Write, call: Any, text: str, options: list[str], code: int, says: str
) -> None:
    found, out, err = call("explore", write(text), *options)
    assert (found, err) == (code, "")
    assert out.startswith(says)


def test_explore_prints_what_the_result_says_of_itself(write: Write, call: Any) -> None:
    path = write(BROKEN)
    with scenarios(path) as found:
        expected = str(explore(found["broken"]))
    assert call("explore", path)[1] == expected + "\n"


def test_explore_takes_all_scenarios_of_a_file_one_after_another(write: Write, call: Any) -> None:
    path = write(BOTH)
    code, out, _ = call("explore", path)
    assert code == 1
    assert re.findall("^--- (.*)$", out, re.MULTILINE) == [f"{path}:fixed", f"{path}:broken"]


def test_a_name_picks_one_scenario(write: Write, call: Any) -> None:
    path = write(BOTH)
    assert [call("explore", f"{path}:{name}")[0] for name in ("fixed", "broken", "also_fixed")] == [0, 1, 0]


@pytest.mark.parametrize(
    ("scenarios", "code"),
    [
        ("a = Scenario(World, one); b = Scenario(World, one, one)", 3),
        ("a = Scenario(World, one, one); b = Scenario(World, forgets)", 1),
        ("a = Scenario(World, forgets); b = Scenario(lambda: 1 / 0, one)", 2),
    ],
)
def test_the_gravest_code_of_several_counts(write: Write, call: Any, scenarios: str, code: int) -> None:
    assert call("explore", write(WORLD + scenarios), "--max-states", "5")[0] == code


def test_a_scenario_that_cannot_be_used_does_not_stop_the_others(write: Write, call: Any) -> None:
    path = write(WORLD + "bad = Scenario(lambda: 1 / 0, one)\ngood = Scenario(World, one)")
    code, out, err = call("explore", path, "--json")
    assert code == 2
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["good"]
    assert err == (
        f"{path}:bad: <lambda>() raised ZeroDivisionError: division by zero "
        "(<lambda>, circle.py line 21: bad = Scenario(lambda: 1 / 0, one)).\n"
    )


def test_a_world_that_ends_the_program_proves_nothing(write: Write, call: Any) -> None:
    path = write(WORLD + "import sys\ns = Scenario(lambda: sys.exit(0), one)")
    assert call("explore", path) == (2, "", f"{path}:s: its world ends the program (SystemExit).\n")


def test_run_finishes_or_ends_in_the_deadlock_that_is_forced(write: Write, call: Any) -> None:
    assert call("run", write(FIXED)) == (0, "Finished: every task came to its end.\n", "")
    code, out, _ = call("run", write(BROKEN), "--schedule", "1-2")
    assert code == 1
    assert out.splitlines()[0] == "Deadlock: no task can move."


@pytest.mark.parametrize(
    ("schedule", "code", "says"),
    [
        ("1-2", 1, "Deadlock: no task can move."),
        ("1", 3, "Not finished: the schedule ended; next could be one or two."),
        ("1x4-2x4", 0, "Finished: every task came to its end."),
        ("", 3, "Not finished: the schedule ended; next could be one or two."),
    ],
)
def test_replay_says_where_the_schedule_leads(write: Write, call: Any, schedule: str, code: int, says: str) -> None:
    found, out, err = call("replay", write(BROKEN), schedule)
    assert (found, out.splitlines()[0], err) == (code, says, "")


def test_what_tasks_print_is_shown_below_a_run(write: Write, call: Any) -> None:
    path = write(WORLD + "def says(w):\n    print('hello')\ns = Scenario(World, says)")
    expected = "Finished: every task came to its end.\n\nThe tasks printed:\n  hello\n"
    assert call("run", path)[1] == call("replay", path, "")[1] == expected


# --- JSON


def keys(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(keys, value))
    return set(value).union(*map(keys, value.values())) if isinstance(value, dict) else set()


def test_the_keys_of_the_json_are_those_that_help_lists(write: Write, call: Any) -> None:
    failed = write(WORLD + "s = Scenario(World, forgets)", "failed.py")
    printed = [json.loads(call("explore", path, "--json")[1]) for path in (write(BROKEN), failed)]
    known = {"length"} | set(re.findall(r"\b[a-z]+\b", data.EXPLORATION))
    assert keys(printed) <= known
    listed = {word for line in data.EXPLORATION.splitlines() for word in re.findall(r"^  ([a-z]+) |; ([a-z]+):", line)}
    assert {word for pair in listed for word in pair if word} == set(printed[0])
    ran = json.loads(call("run", write(FIXED), "--json")[1])
    assert set(re.findall(r"^  ([a-z]+) ", data.RUN, re.MULTILINE)) == set(ran)


def test_a_deadlock_as_json(write: Write, call: Any) -> None:
    code, out, _ = call("explore", write(BROKEN), "--json")
    found = json.loads(out)
    assert code == 1
    counts = {key: found[key] for key in ("schedules", "deadlocked", "states", "classes", "runs", "unfinished")}
    assert counts == {
        "schedules": 6, "deadlocked": 2, "states": 19, "classes": None, "runs": None, "unfinished": None
    }  # fmt: skip
    assert found["shortest"] == {"replay": "1-2", "length": 2}
    (deadlock,) = found["deadlocks"]
    assert deadlock["operations"][1] == {
        "task": "two", "operation": "lock", "resource": "b",
        "file": "circle.py", "line": 14, "text": "with w.b:", "via": [],
    }  # fmt: skip
    assert deadlock["waits"][0] == {
        "task": "one", "operation": "lock", "resource": "b", "holders": ["two"], "reason": "two holds it",
        "file": "circle.py", "line": 10, "text": "with w.b:", "via": [],
    }  # fmt: skip


def test_a_failure_as_json(write: Write, call: Any) -> None:
    found = json.loads(call("explore", write(WORLD + "s = Scenario(World, forgets)"), "--json")[1])
    (failure,) = found["failures"]
    assert found["deadlocks"] == []
    assert [failure[key] for key in ("replay", "task", "kind", "lock", "line")] == ["1", "forgets", "held", "a", 19]


def test_both_lines_of_a_race_are_in_the_json(write: Write, call: Any) -> None:
    text = """
        from kvmlab import Mutex, Scenario

        class World:
            def __init__(self):
                self.count = 0
                self.m = Mutex()

        def raises(w):
            with w.m:
                w.count += 1

        def clears(w):
            w.count = 0

        racy = Scenario(World, raises, clears)
    """
    (failure,) = json.loads(call("explore", write(text), "--json")[1])["failures"]
    lines = {(failure["line"], failure["text"]), (failure["also"]["line"], failure["also"]["text"])}
    assert failure["kind"] == "race"
    assert lines == {(11, "w.count += 1"), (14, "w.count = 0")}
    assert failure["also"] | {"line": 0, "text": ""} == {"file": "circle.py", "line": 0, "text": "", "via": []}


def test_what_is_no_race_has_no_other_line_in_the_json(write: Write, call: Any) -> None:
    (failure,) = json.loads(call("explore", write(WORLD + "s = Scenario(World, forgets)"), "--json")[1])["failures"]
    assert failure["also"] is None


def test_help_names_every_kind_of_failure() -> None:
    assert Failure.__doc__ is not None
    kinds = Failure.__doc__.split("kind:")[1].split("message:")[0]
    named = data.EXPLORATION.split("kind: what went wrong: ")[1].splitlines()[0].split(", ")
    assert set(named) == set(re.findall(r"``([a-z ]+)``", kinds))


def test_the_replay_string_of_the_json_repeats_the_deadlock(write: Write, call: Any) -> None:
    path = write(BROKEN)
    shortest = json.loads(call("explore", path, "--json")[1])["shortest"]["replay"]
    code, out, _ = call("replay", path, shortest, "--json")
    found = json.loads(out)
    assert (code, found["verdict"], found["replay"]) == (1, "deadlock", shortest)
    assert len(found["deadlocks"]) == 1


def test_numbers_above_2_to_the_53_are_exact(write: Write, call: Any) -> None:
    text = """
        from kvmlab import Scenario, Shared

        class World:
            def __init__(self):
                self.cell = [Shared(0) for _ in range(8)]

        def task(number):
            def store(w):
                for value in (1, 2, 3):
                    w.cell[number].store(value)
            return store

        many = Scenario(World, *[task(number) for number in range(8)])
    """
    found = json.loads(call("explore", write(text), "--json")[1])
    assert found["schedules"] == math.factorial(24) // math.factorial(3) ** 8 > 2**53


def test_the_output_is_the_same_for_every_hash_seed(write: Write) -> None:
    path = write(BOTH)
    for form in ([], ["--json"]):
        ends = [process("explore", path, *form, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2")]
        assert ends[0].stdout == ends[1].stdout != ""


def test_what_the_file_prints_stays_out_of_the_json(write: Write, call: Any) -> None:
    code, out, err = call("explore", write("print('loading')\n" + FIXED), "--json")
    assert (code, json.loads(out)["verdict"], err) == (0, "proven", "loading\n")


# --- the file


def test_the_file_is_imported_from_its_own_folder(write: Write, call: Any, tmp_path: Path) -> None:
    write(WORLD, "locks.py")
    text = """
        from __future__ import annotations
        import sys
        from dataclasses import dataclass, field
        from locks import Mutex, Scenario, one

        assert __name__ == "circle" and sys.modules[__name__].__file__ == __file__, __name__
        assert len(sys.argv) == 1

        @dataclass
        class World:
            a: Mutex = field(default_factory=Mutex)
            b: Mutex = field(default_factory=Mutex)

        alone = Scenario(World, one)

        if __name__ == "__main__":
            raise AssertionError
    """
    before = sys.path[:], sys.argv
    code, _, err = call("explore", write(text))
    assert (code, err) == (0, "")
    assert (sys.path, sys.argv) == before
    assert "circle" not in sys.modules


@pytest.mark.parametrize("name", ["queue.py", "kvmlab.py", "two words.py", "class.py", "json.py"])
def test_a_file_may_have_any_name(write: Write, name: str) -> None:
    end = process("explore", write(FIXED, name))
    assert (end.returncode, end.stderr) == (0, "")


BAD_FILES = {
    "a syntax error": ("def f(:\n    pass", "line 1 is not Python: invalid syntax."),
    "a syntax error on a later line": ("x = 1\ny = (", "line 2 is not Python: '(' was never closed."),
    "a name error": ("import os\n\nnothing", "line 3 raised NameError: name 'nothing' is not defined."),
    "an error without words": ("def f():\n    assert 0\nf()", "line 2 raised AssertionError."),
    "an error of many lines": ("raise ValueError('one\\ntwo.')", "line 1 raised ValueError: one two."),
    "a bad scenario": (
        "from kvmlab import Scenario\nclass W: pass\nS = Scenario(W)",
        "line 3 raised ScenarioError: a Scenario needs at least one task: Scenario(World, first_task, second_task).",
    ),
    "a missing module": ("import nosuchmodule", "line 1 raised ModuleNotFoundError: No module named 'nosuchmodule'."),
    "the end of the program": (
        "import sys\nsys.exit(0)",
        'line 2 ends the program (SystemExit); only do that under if __name__ == "__main__".',
    ),
    "an error deep in the library": ("import json\njson.loads('')", "line 2 raised JSONDecodeError: "),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_gets_a_sentence_with_its_line(write: Write, call: Any, case: str) -> None:
    text, says = BAD_FILES[case]
    path = write(text)
    code, out, err = call("explore", path)
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}: {says}")
    assert len(err.splitlines()) == 1


def test_an_error_in_a_neighbour_is_named_there(write: Write, call: Any) -> None:
    write("x = 1\nx / 0", "helper.py")
    path = write("import helper")
    assert call("explore", path) == (2, "", f"{path}: helper.py line 2 raised ZeroDivisionError: division by zero.\n")


def test_a_file_without_a_scenario_is_told_how_one_looks(write: Write, call: Any) -> None:
    path = write("many = []")
    says = f"{path} has no Scenario: give it one, such as circle = Scenario(World, first, second).\n"
    assert call("explore", path) == (2, "", says)


def test_an_unknown_name_is_answered_with_the_known_ones(write: Write, call: Any) -> None:
    path = write(BOTH)
    for name in ("nothing_like_it", "World", "two words", "fixed.name"):
        says = f"{path} has no Scenario called {name!r}; it has fixed, broken, also_fixed.\n"
        assert call("explore", f"{path}:{name}") == (2, "", says)


@pytest.mark.parametrize("command", [["run"], ["replay", "1"]])
def test_run_and_replay_want_one_scenario(write: Write, call: Any, command: list[str]) -> None:
    path = write(BOTH)
    says = f"{path} has several Scenarios: name one of {path}:fixed, {path}:broken.\n"
    assert call(command[0], path, *command[1:]) == (2, "", says)


def test_bytes_that_are_no_text_are_not_python(tmp_path: Path, call: Any) -> None:
    for content in (b"\xff\xfe\x00", b"x = 1\x00", b"# coding: nosuch\n"):
        (tmp_path / "bytes.py").write_bytes(content)
        code, _, err = call("explore", str(tmp_path / "bytes.py"))
        assert code == 2
        assert re.search("not Python: .*[.]\n$", err)


def test_what_is_no_file_is_not_read(tmp_path: Path, call: Any) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "loop.py").symlink_to("loop.py")
    os.mkfifo(tmp_path / "pipe.py")
    says = {
        "missing.py": "there is no file {}.",
        "folder.py": "{} is a directory: name a file in it, FILE.py.",
        "loop.py": "{} cannot be read: Too many levels of symbolic links.",
        "pipe.py": "{} is not a file with text in it.",
        "missing.py/x.py": "there is no file {}.",
        "folder.py/x.py": "there is no file {}.",
    }
    for name, sentence in says.items():
        path = str(tmp_path / name)
        assert call("explore", path) == (2, "", sentence.format(path) + "\n")


def test_a_file_that_may_not_be_read_is_named(write: Write, call: Any) -> None:
    path = write(FIXED)
    os.chmod(path, 0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    assert call("explore", path) == (2, "", f"{path} cannot be read: Permission denied.\n")


# --- FILE.py:NAME


@pytest.mark.parametrize(
    ("target", "path", "name"),
    [
        ("circle.py", "circle.py", None),
        ("circle.py:fixed", "circle.py", "fixed"),
        ("a/b.py:c", "a/b.py", "c"),
        (r"C:\locks\circle.py", r"C:\locks\circle.py", None),
        (r"C:\locks\circle.py:fixed", r"C:\locks\circle.py", "fixed"),
        ("C:circle.py:fixed", "C:circle.py", "fixed"),
        ("old.py/circle.py", "old.py/circle.py", None),
        ("a:b.py:c", "a:b.py", "c"),
    ],
)
def test_the_last_colon_after_py_begins_the_name(target: str, path: str, name: str | None) -> None:
    assert split(target) == (path, name)


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("circle.py:", "'circle.py:' has no name after the colon: write circle.py:NAME, or only circle.py."),
        ("x.py:a:b", "'x.py:a:b' gives more than one name: write x.py:a for one of them."),
        ("circle", "'circle' is neither FILE.py nor FILE.py:NAME. Did you mean circle.py?"),
        ("circle:fixed", "'circle:fixed' is neither FILE.py nor FILE.py:NAME. Did you mean circle.py:fixed?"),
        ("nothing", "'nothing' is neither FILE.py nor FILE.py:NAME."),
        ("", "'' is neither FILE.py nor FILE.py:NAME."),
        (".", ". is a directory: name a file in it, FILE.py."),
        ("a.ipynb", "a.ipynb is a notebook: call explore in its cells, or put the Scenario into a file, FILE.py."),
    ],
)
def test_what_is_no_target_is_told_what_one_is(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, target: str, says: str
) -> None:
    write(FIXED)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadFile) as error:
        split(target)
    assert str(error.value) == says


# --- bad calls


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["explain"],
        ["explore"],
        ["explore", "x.py", "y.py"],
        ["explore", "x.py", "--by", "luck"],
        ["explore", "x.py", "--max-states", "0"],
        ["explore", "x.py", "--max-runs", "-5"],
        ["explore", "x.py", "--max-states", "many"],
        ["explore", "x.py", "--max-states", "9" * 5000],
        ["explore", "x.py", "--js"],
        ["replay", "x.py"],
        ["run", "x.py", "--by", "states"],
    ],
)
def test_a_bad_call_gets_one_line(call: Any, argv: list[str]) -> None:
    code, out, err = call(*argv)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert re.search(r"; see python -m kvmlab .*--help\n$", err)


@pytest.mark.parametrize("schedule", ["1-9", "1--2", "one", "1-", "0", "1x0", "2-2-2-2-2-2"])
def test_a_schedule_that_does_not_fit_is_refused(write: Write, call: Any, schedule: str) -> None:
    path = write(BROKEN)
    for argv in (["replay", path, schedule], ["run", path, "--schedule", schedule]):
        code, out, err = call(*argv)
        assert (code, out, len(err.splitlines())) == (2, "", 1)
        assert err.startswith(f"{path}:broken: ")


def test_a_world_for_the_other_search_is_told_so(write: Write, call: Any) -> None:
    text = WORLD + "def writes(w):\n    with w.a:\n        w.flag = 1\ns = Scenario(World, writes)"
    code, out, err = call("explore", write(text), "--by", "states")
    assert (code, out) == (2, "")
    assert 'use by="traces".' in err
    assert call("explore", write(text))[0] == 0


def test_help_lists_the_exit_codes(call: Any) -> None:
    for argv in (["--help"], ["explore", "--help"], ["run", "-h"], ["replay", "-h"]):
        code, out, _ = call(*argv)
        assert code == 0
        assert commands.EXIT_CODES in out


# --- the process


def test_python_m_kvmlab_is_the_command(write: Write) -> None:
    end = process("explore", write(BROKEN))
    assert (end.returncode, end.stderr) == (1, "")
    assert re.fullmatch(r"kvmlab \S.*\n", process("--version").stdout)


def test_lockdep_is_passed_on(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def lockdep(argv: list[str]) -> int:
        print(argv)
        return 0

    monkeypatch.setattr(importlib.import_module("kvmlab.cli.lockdep"), "main", lockdep)
    assert call("lockdep", "file.json", "--json") == (0, "['file.json', '--json']\n", "")


def test_a_reader_who_leaves_early_is_no_error(write: Write) -> None:
    path = write(BOTH)
    command = [sys.executable, "-m", "kvmlab", "explore", path]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait(60) == commands.UNREAD


def test_a_full_disk_gets_a_sentence(write: Write) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    path = write(FIXED)
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "kvmlab", "explore", path]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        end = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment)
    assert (end.returncode, end.stderr) == (2, "the output cannot be written: No space left on device.\n")


def test_a_terminal_without_the_letters_is_no_error(write: Write) -> None:
    end = process("explore", write(BROKEN), env={"PYTHONIOENCODING": "ascii"})
    assert (end.returncode, end.stderr) == (1, "")
    assert r'replay(\u2026, "1-2") repeats it.' in end.stdout


def test_an_error_of_our_own_is_no_verdict(write: Write, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(commands, "explore", fails)
    code, out, err = call("explore", write(FIXED))
    assert (code, out) == (70, "")
    assert err.splitlines()[0] == "Traceback (most recent call last):"
    assert "please report it" in err.splitlines()[-1]


def test_an_interrupt_is_no_verdict(write: Write, call: Any) -> None:
    path = write("raise KeyboardInterrupt")
    assert call("explore", path) == (130, "", "interrupted.\n")
