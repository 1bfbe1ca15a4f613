"""Whatever a reader's cell does, a check answers within ten seconds, in a sentence, and the next check works."""

from __future__ import annotations

import builtins
import linecache
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kvmlab.practice.check import check, checked
from kvmlab.practice.library import answers
from kvmlab.practice.result import Result
from kvmlab.practice.task import task
from kvmlab.watchdog import Watchdog

HEAD = """
import builtins, sys, threading, time
from kvmlab.kvm import get_safe, put
"""

CASES = {
    "deadlocks": ("w.kvm_lock.lock(); w.kvm_lock.lock()", "waits for kvm_lock"),
    "spins without an operation": ("while True: pass", "does not come back"),
    "spins and swallows everything": (
        "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
        "does not come back",
    ),
    "spins with operations": ("while True:\n  w.kvm_lock.lock(); w.kvm_lock.unlock()", "has not ended"),
    "raises": ("raise ValueError('mine')", "raised ValueError: mine"),
    "raises what is no Exception": ("raise SystemExit(3)", "raised SystemExit"),
    "prints a lot": ("while True: print('x' * 1000)", "does not come back"),
    "recurses without end": ("walk(w)", "RecursionError"),
    "recurses under a high limit": ("sys.setrecursionlimit(1000000)\ndef f(n): return f(n + 1)\nf(0)", ""),
    "takes a lock of the real threading": (
        "k = threading.Lock(); k.acquire(); k.acquire()",
        "from kvmlab import threading",
    ),
    "starts a real thread": ("t = threading.Thread(target=time.sleep, args=(0.01,)); t.start(); t.join()", ""),
    "sleeps": ("time.sleep(60)", "time.sleep"),
    "asks for input": ("input('?')", "a check cannot ask you for input"),
    "exits": ("sys.exit()", "raised SystemExit"),
    "raises what an interrupt raises": ("raise KeyboardInterrupt", "Your code raised KeyboardInterrupt."),
    "replaces len for everybody": ("builtins.len = None", ""),
    "replaces isinstance for everybody": ("builtins.isinstance = lambda *a: 1/0", ""),
    "replaces stdout": ("sys.stdout = None", ""),
    "uses a name that was deleted": ("nothing_here(w)", "raised NameError"),
    "changes the world": ("del w.vm_list", "raised AttributeError"),
    "keeps data between runs": ("seen.append(1)\nif len(seen) > 1: w.kvm_lock.lock(); w.kvm_lock.unlock()", ""),
}


def tried(body: str) -> tuple[Result, float]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    names: dict[str, Any] = {"seen": []}
    source = f"{HEAD}\ndef walk(w):\n{lines}\n"
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(keepends=True), "<cell>")
    exec(compile(source, "<cell>", "exec"), names)
    began = time.monotonic()
    return checked(task("09.walk"), names), time.monotonic() - began


@pytest.fixture(autouse=True)
def usable() -> Iterator[None]:
    """Afterwards everything is as it was, and a right answer is right."""
    limit, out, native = sys.getrecursionlimit(), sys.stdout, dict(vars(builtins))
    yield
    assert sys.getrecursionlimit() == limit
    assert sys.stdout is out
    assert {name for name, value in vars(builtins).items() if native.get(name) is not value} <= {"_"}
    order = next(one for one in answers("09.order", right=True))
    assert checked(task("09.order"), order.namespace()).outcome == "correct"


@pytest.mark.parametrize("case", CASES)
def test_a_clear_answer_within_ten_seconds(case: str) -> None:
    body, says = CASES[case]
    result, seconds = tried(body)
    assert result.outcome == "not yet"
    assert says in " ".join(repr(result).split())
    assert seconds < 10
    assert max(map(len, repr(result).splitlines())) < 200


def test_computing_for_long_between_operations_is_stopped() -> None:
    names: dict[str, Any] = {}
    exec("def walk(w):\n  for _ in range(20):\n    w.kvm_lock.lock(); w.kvm_lock.unlock(); sum(range(500_000))", names)
    text = repr(checked(task("09.walk"), names, record=False, seconds=0.05))
    assert "The check took too long and was stopped" in text


def test_input_works_again_after_a_check() -> None:
    ask = builtins.input
    tried("input('?')")
    assert builtins.input is ask


def test_defined_twice_the_last_one_counts() -> None:
    names: dict[str, Any] = {}
    exec("def walk(w): raise ValueError('the first')\n" + answers("09.walk", right=True)[0].source, names)
    assert checked(task("09.walk"), names).outcome == "correct"


def test_a_deleted_answer_is_not_attempted_and_said_so() -> None:
    result = checked(task("09.walk"), {})
    assert result.outcome == "not attempted"
    assert "There is no walk here." in repr(result)


@pytest.mark.parametrize("value", [3, "walk", [1], object()])
def test_something_else_under_the_name_is_told_from_a_wrong_walk(value: object) -> None:
    result = checked(task("09.walk"), {"walk": value})
    assert result.outcome == "not yet"
    assert "it should be a function" in repr(result)


ODD = [object(), 3, b"1-1", [[]], {1: 2}, float("nan"), "9-9", "1-2-1-2-1-2-1-2-1-2-1", "x" * 9999]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("name", ["09.last", "09.dying", "09.order", "09.review", "01.round", "01.desk", "01.circle"])
def test_any_value_gets_an_answer(name: str, value: object) -> None:
    one = task(name)
    result = checked(one, {want.name: value for want in one.wants})
    assert result.outcome == "not yet"
    assert " at 0x" not in repr(result)


def test_builtins_that_a_cell_replaced_are_put_back_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = answers("09.walk", right=True)[0].namespace()["walk"]
    assert callable(walk)
    monkeypatch.setattr(builtins, "sorted", None)
    result = check("09.walk")
    assert result.outcome == "correct"
    assert "Python's own sorted had been replaced" in repr(result)


def test_whoever_breaks_the_way_out_of_with_leaves_no_watchdog_behind() -> None:
    body, _ = CASES["replaces isinstance for everybody"]
    tried(body)
    assert Watchdog.active is None
