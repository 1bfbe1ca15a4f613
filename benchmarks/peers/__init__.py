"""kvm5 and its fix as other tools see them: each a command as it is typed, its start and its compiler included.

The tools are no part of `make env`. ``python -m benchmarks kvm5-peers`` installs what is written in Python the first
time it needs it (see `benchmarks.peers.install`). Spin comes with the system: package ``spin``, and a C compiler. What
is not there is a row that says why. Times are CPU seconds, because they hold on a busy machine, too; the note adds the
seconds on the clock and the memory.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.commands import ROOT, Ended, command
from benchmarks.measure import Timing
from benchmarks.peers.install import installed
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.table import duration

HERE = Path(__file__).parent

REPEATED_BELOW = 10.0
"""What takes longer than so many seconds is measured once."""


@dataclass(frozen=True)
class Answer:
    """What a tool said: its verdict in the words of this book, how much it looked at, and what else to know."""

    verdict: str
    size: str = ""
    says: str = ""


@dataclass(frozen=True)
class Tool:
    """A tool that may be installed.

    Attributes:
        name: what it is, and how it is used.
        home: its executable; None if it is not installed, and then `missing` says why.
        version: its version, or how to ask for it.
        steps: the commands for ``broken`` or ``fixed``, given the executable, a folder to work in and the budget.
        understand: what its output means.
        missing: why there is none.
        ours: it runs in this project's folder, and is what the others are compared with if it is the first.
        slack: how many seconds more than the budget it gets, because it is told the budget and stops by itself.
    """

    name: str
    home: Path | None
    version: Callable[[Path], str]
    steps: Callable[[Path, str, Path, float], list[list[str | Path]]]
    understand: Callable[[str], Answer]
    missing: str = ""
    ours: bool = False
    slack: float = 0.0


def from_json(output: str) -> Answer:
    """What `benchmarks.peers.program.report` printed."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    return Answer(**json.loads(lines[-1])) if lines else Answer("")


def from_kvmlab(output: str) -> Answer:
    """What ``python -m kvmlab explore --json`` printed."""
    said = json.loads(output)
    return Answer(said["verdict"], f"{said['runs']:,} runs")


def from_harmony(output: str) -> Answer:
    """What Harmony printed."""
    states = re.search(r"(\d+) states", output)
    size = f"{int(states[1]):,} states" if states else ""
    if "No issues found" in output:
        return Answer("proven", size)
    return Answer("deadlock" if "some execution cannot terminate" in output else "", size)


def from_spin(output: str) -> Answer:
    """What the verifier that Spin generates printed."""
    states = re.search(r"(\d+) states, stored", output)
    size = f"{int(states[1]):,} states" if states else ""
    if "invalid end state" in output and "errors: 1" in output:
        return Answer("deadlock", size)
    whole = "errors: 0" in output and not re.search("not completed|max search depth too small", output)
    return Answer("proven" if whole else "", size)


def _with_kvmlab(python: Path, variant: str, folder: Path, budget: float) -> list[list[str | Path]]:
    return [[python, "-m", "kvmlab", "explore", "--json", f"{HERE.relative_to(ROOT) / 'on_kvmlab.py'}:{variant}"]]


def _with_threads(python: Path, variant: str, folder: Path, budget: float) -> list[list[str | Path]]:
    return [[python, "-m", "benchmarks.peers.on_threads", variant]]


def _with_frontrun(python: Path, variant: str, folder: Path, budget: float) -> list[list[str | Path]]:
    return [[python.with_name("frontrun"), python, HERE / "on_frontrun.py", variant, str(budget)]]


def _with_interleave(strategy: str, number: int) -> Callable[[Path, str, Path, float], list[list[str | Path]]]:
    def steps(python: Path, variant: str, folder: Path, budget: float) -> list[list[str | Path]]:
        return [[python, HERE / "on_interleave.py", variant, strategy, str(number)]]

    return steps


def _with_harmony(python: Path, variant: str, folder: Path, budget: float) -> list[list[str | Path]]:
    program = shutil.copy(HERE / "kvm5.hny", folder)
    return [[python.with_name("harmony"), "--noweb", "-c", f"FIXED={variant == 'fixed'}", program]]


def _with_spin(optimize: str) -> Callable[[Path, str, Path, float], list[list[str | Path]]]:
    def steps(spin: Path, variant: str, folder: Path, budget: float) -> list[list[str | Path]]:
        define = ["-DFIXED"] if variant == "fixed" else []
        compile_ = ["gcc", optimize, "-DSAFETY", "-o", "pan", "pan.c"]
        return [[spin, "-a", *define, HERE / "kvm5.pml"], [*compile_], ["./pan"]]

    return steps


def tools() -> list[Tool]:
    """Ours first, then the peers."""
    ours = Path(sys.executable)
    spin = shutil.which("spin") if shutil.which("gcc") else None
    spins: dict[str, Any] = {
        "home": Path(spin) if spin else None, "version": _spin_version, "understand": from_spin,
        "missing": "not installed: it needs Spin and gcc, for example apt-get install spin gcc",
    }  # fmt: skip
    return [
        Tool("kvmlab", ours, _unversioned, _with_kvmlab, from_kvmlab, ours=True),
        Tool("kvmlab, every task on a thread", ours, _unversioned, _with_threads, from_json, ours=True),
        Tool("Spin, compiled without optimisation", steps=_with_spin("-O0"), **spins),
        Tool("Spin, compiled with -O2", steps=_with_spin("-O2"), **spins),
        _in_python("harmony", "Harmony", _with_harmony, from_harmony),
        _in_python("frontrun", "frontrun", _with_frontrun, from_json, slack=15.0),
        _in_python("interleave-test", "interleave-test, two preemptions", _with_interleave("dfs", 2), from_json),
        _in_python(
            "interleave-test", "interleave-test, 5,000 random schedules", _with_interleave("random", 5_000), from_json
        ),
    ]


def _in_python(package: str, name: str, steps: Any, understand: Callable[[str], Answer], **more: Any) -> Tool:
    """The tool that `package` is, if it can be installed."""
    python, missing = installed(package)
    return Tool(name, python, _version_of(package), steps, understand, missing=missing, **more)


@benchmark("kvm5-peers")
def compare_with_peers(effort: Effort) -> Iterator[Row]:
    """Each tool on kvm5 and its fix, within a budget that counts seconds on the clock."""
    budget, repeats = effort.pick(tiny=0.0, quick=30.0, full=60.0), effort.pick(tiny=0, quick=2, full=5)
    left_out = "at this size" if effort.name == "tiny" else "in CI" if os.environ.get("CI") else ""
    if left_out:
        yield Row("kvm5 on other tools", None, note=f"left out {left_out}")
        return
    found = tools()
    for variant in ("broken", "fixed"):
        ours: Row | None = None
        for tool in found:
            what = f"kvm5{', fixed' if variant == 'fixed' else ''}: {tool.name}"
            if tool.home is None:
                yield Row(what, None, note=tool.missing)
            else:
                rows = list(_measured(replace_version(what, tool), tool, variant, budget, repeats))
                ours = ours or rows[0]
                yield from (_compared(row, ours) for row in rows)


def replace_version(what: str, tool: Tool) -> str:
    """`what`, with the tool's version after its name."""
    name = tool.name.split(",")[0]
    assert tool.home is not None
    return what.replace(name, f"{name} {tool.version(tool.home)}".strip(), 1)


def _measured(what: str, tool: Tool, variant: str, budget: float, repeats: int) -> Iterator[Row]:
    """A row for all the steps; where there are several, one more for the last alone."""
    rounds: list[list[Ended]] = []
    answer = Answer("")
    while len(rounds) < repeats:
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(_done(tool, variant, Path(folder), budget))
        answer = _answer(tool, rounds[-1], budget)
        if answer.verdict in ("not finished", "none") or sum(one.elapsed for one in rounds[-1]) > REPEATED_BELOW:
            break
    whole = Timing(tuple(sum(one.seconds for one in steps) for steps in rounds))
    clock = min(sum(one.elapsed for one in steps) for steps in rounds)
    memory = max(one.memory for steps in rounds for one in steps)
    cost = f"{duration(clock)} on the clock, {memory / 1e6:.0f} MB"
    note = "; ".join(filter(None, [cost, answer.says]))
    yield Row(what, whole, size=answer.size, verdict=answer.verdict, note=note)
    if answer.verdict != "not finished" and len(rounds[0]) > 1:
        last = Timing(tuple(steps[-1].seconds for steps in rounds))
        yield Row(f"{what}, the search alone", last, size=answer.size, verdict=answer.verdict)


def _done(tool: Tool, variant: str, folder: Path, budget: float) -> list[Ended]:
    """The steps, up to the first that fails or uses the budget up."""
    assert tool.home is not None
    where = ROOT if tool.ours else folder
    steps = tool.steps(tool.home, variant, folder, budget)
    ended: list[Ended] = []
    for step in steps:
        ended.append(command(step, budget + tool.slack - sum(one.elapsed for one in ended), where))
        if ended[-1].code or not ended[-1].in_time:
            break
    return ended


def _answer(tool: Tool, ended: list[Ended], budget: float) -> Answer:
    if not ended[-1].in_time:
        return Answer("not finished", says=f"stopped after {budget:g} s on the clock")
    answer = tool.understand(ended[-1].output)
    if answer.verdict:
        return answer
    return replace(answer, verdict="none", says=f"it said: {_last_line(ended[-1].output)}")


def _compared(row: Row, ours: Row) -> Row:
    """`row` with its cost against `ours`: "at least" where it did not come to its end."""
    if row is ours:
        return row
    assert row.timing is not None
    assert ours.timing is not None
    ratio = row.timing.best / ours.timing.best
    figure = f"{ratio:.2g}×" if ratio < 10 else f"{ratio:.0f}×"
    open_end = "more than " if row.verdict == "not finished" else ""
    return replace(row, note="; ".join(filter(None, [f"{open_end}{figure} kvmlab", row.note])))


def _unversioned(python: Path) -> str:
    return ""


def _version_of(package: str) -> Callable[[Path], str]:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return lambda python: subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def _spin_version(spin: Path) -> str:
    said = subprocess.run([spin, "-V"], capture_output=True, text=True).stdout
    found = re.search(r"Version (\S+)", said)
    return found[1] if found else ""


def _last_line(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1][:80] if lines else "nothing"
