"""The tools that ask real kernels: what they draw, what they hand over, how they read a console. No kernel is run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kvmlab.lockdep import parse

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools/kernel_lockdep"
sys.path.insert(0, str(TOOLS))
import generate  # noqa: E402  the tools are scripts, not a package
import kernel  # noqa: E402
import measure  # noqa: E402


def scenario(*steps: list[list[Any]], **locks: str) -> dict[str, Any]:
    named = [{"name": f"step{number}", "events": events} for number, events in enumerate(steps, 1)]
    return {"name": "one", "locks": {name: {"kind": kind} for name, kind in locks.items()}, "steps": named}


TWO = scenario(
    [["lock", "a"], ["lock", "b"], ["unlock", "b"], ["unlock", "a"]],
    [["lock", "b"], ["lock", "a"]],
    a="mutex",
    b="mutex",
)


def read(printed: str, *scenarios: dict[str, Any]) -> list[kernel.Said]:
    return list(kernel._read(printed.splitlines(), scenarios))


@pytest.mark.parametrize("style", generate.STYLES)
def test_what_is_drawn_is_of_the_form_and_the_same_each_time(style: str) -> None:
    drawn = [generate.STYLES[style](seed) for seed in range(150)]
    assert len(parse({"scenarios": drawn})) == 150
    assert drawn == [generate.STYLES[style](seed) for seed in range(150)]


@pytest.mark.parametrize("style", generate.STYLES)
def test_the_measured_scenarios_are_those_that_are_drawn(style: str) -> None:
    path = ROOT / f"tests/lockdep/measured_{style}.json"
    for measured in json.loads(path.read_text(encoding="utf-8"))["scenarios"]:
        del measured["expected"]
        assert measured == generate.STYLES[style](int(measured["name"].removeprefix(style)))


def test_a_scenario_is_handed_over_in_lines() -> None:
    asked = scenario(
        [["read_lock", "s"], ["lock_nested", "m", 1], ["lock_nest_lock", "n", "m"]], m="mutex", n="mutex", s="srcu"
    )
    asked["locks"]["n"]["class"] = "m"
    assert list(kernel._lines("s0", asked)) == [
        "S s0 0",
        "L 0 0 0",
        "L 1 0 0",
        "L 2 5 1",
        "E 1 read_lock 2 0",
        "E 1 lock_nested 0 1",
        "E 1 lock_nest_lock 1 0",
        ".",
    ]


def test_a_circle_is_read_from_its_chain_the_asked_for_first() -> None:
    printed = """KL begin s0
WARNING: possible circular locking dependency detected
step0/16 is trying to acquire lock:
0000000060fc8010 (s0.class0){+.+.}-{3:3}, at: task+0x1/0x2
-> #1 (s0.class1){+.+.}-{3:3}:
-> #0 (s0.class0){+.+.}-{3:3}:
KL reported s0 5"""
    assert read(printed, TWO) == [kernel.Said("reported", 2, "possible circular locking", ("a", "b", "a"))]


def test_a_recursion_is_one_class_twice_with_its_subclass() -> None:
    printed = """KL begin s7
WARNING: possible recursive locking detected
step0/16 is trying to acquire lock:
0000000060fc8010 (s7.class1#2/1){+.+.}-{3:3}, at: task+0x1/0x2
KL reported s7 1"""
    assert read(printed, TWO) == [kernel.Said("reported", 1, "possible recursive locking", ("b#2/1", "b#2/1"))]


@pytest.mark.parametrize(
    ("line", "verdict", "step", "kind"),
    [
        ("[ BUG: Invalid wait context ]", "reported", 1, "Invalid wait context"),
        ("WARNING: bad unlock balance detected!", "reported", 1, "bad unlock balance"),
        ("WARNING: Nested lock was not taken", "reported", 1, "Nested lock was not taken"),
        ("WARNING: step0/16 still has locks held!", "reported", 1, "still has locks held"),
        ("DEBUG_LOCKS_WARN_ON(!hlock->nest_lock)", "reported", None, "DEBUG_LOCKS_WARN_ON(!hlock->nest_lock)"),
        ("BUG: spinlock recursion on CPU#0, step0/16", "other", None, None),
        ("BUG: scheduling while atomic: step0/16/0x00000002", "other", None, None),
    ],
)
def test_each_kind_of_report_is_told_apart(line: str, verdict: str, step: int | None, kind: str | None) -> None:
    assert read(f"KL begin s0\n{line}\nKL reported s0 1", TWO) == [kernel.Said(verdict, step, kind)]


def test_what_is_said_to_one_scenario_is_not_taken_for_the_next() -> None:
    printed = """KL begin s0
WARNING: CPU: 0 PID: 13 at lib/kernel_lockdep.c:239 task+0x1/0x2
KL silent s0 5
KL begin s1
KL silent s1 5
KL begin s2
KL refused s2 trylock
KL silent s2 5
KL begin s3
KL stuck s3 4
KL begin s4"""
    said = read(printed, *[TWO] * 5)
    assert [one.verdict for one in said] == ["warning", "silent", "refused", "stuck"]
    assert {one.kind for one in said} == {None}


@pytest.mark.parametrize(
    ("version", "rules"), [("6.1.192", "6.1"), ("6.4.0", "6.12"), ("6.12.117", "6.12"), ("7.3", "6.12")]
)
def test_the_rules_follow_the_version(version: str, rules: str) -> None:
    assert measure.rules_of(version) == rules


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["build.py"], "Usage: python tools/kernel_lockdep/build.py SOURCE TARGET"),
        (["build.py", "no-kernel", "target"], "no-kernel: there is no arch/um in it"),
        (["measure.py", "--seeds", "3", "linux"], "--seeds 3: must be two numbers, the smaller first, such as 0:400"),
        (["measure.py", "--file", "no-file", "linux"], "no-file: cannot be read"),
        (["measure.py", "no-linux"], "no-linux: is no kernel built by build.py"),
    ],
)
def test_a_call_that_cannot_be_used_gets_a_sentence(call: list[str], said: str, tmp_path: Path) -> None:
    command = [sys.executable, str(TOOLS / call[0]), *call[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
