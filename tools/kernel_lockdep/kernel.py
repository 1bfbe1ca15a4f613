"""Ask a kernel built by build.py what its lockdep says to lock scenarios: one boot for each report."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

KINDS = ("mutex", "spin", "rwlock", "rwsem", "percpu_rwsem", "srcu", "rcu", "pseudo")
"""As driver.c numbers them."""
AT_ONCE = 200
"""Scenarios handed to one boot; it ends at the first report."""
PATIENCE = 120
"""Seconds for one boot."""

_CLASS = re.compile(r"s\d+\.class(\d+)")
_CHAIN = re.compile(r"-> #(\d+) \((.+?)\)\{")
_HEADING = re.compile(
    r"(?:WARNING|BUG): (?:\w+/\d+ )?(.+?)(?: dependency)?(?: detected)?!?(?: --.*| \])?$", re.MULTILINE
)
_NOT_LOCKDEP = re.compile(r"CPU|scheduling|sleeping|spinlock|rwlock|\S+:\d+ at ")
"""What other checks of the kernel begin with, and a plain WARN_ON()."""

Scenario = dict[str, Any]
"""A scenario in the form of kvmlab/data/lockdep-scenarios.json."""


class Said(NamedTuple):
    """What became of one scenario.

    Attributes:
        verdict: "reported", "warning", "silent" as in the data; "stuck" when a task waited for ever and lockdep was
            silent; "refused" when a try failed; "other" when another check than lockdep's spoke.
        step: from 1, when lockdep reported.
        kind: as in the data.
        cycle: class names, the first repeated last.
    """

    verdict: str
    step: int | None = None
    kind: str | None = None
    cycle: tuple[str, ...] | None = None

    def expected(self) -> dict[str, object]:
        """The fields of `expected`, as in the data."""
        return self._asdict() | {"cycle": None if self.cycle is None else list(self.cycle)}


def ask(linux: Path, scenarios: Sequence[Scenario]) -> list[Said]:
    """Execute scenarios one after another on a kernel and return what it said to each.

    Raises:
        RuntimeError: the kernel did not get as far as the first of the rest; its last lines are in the message.
    """
    said: list[Said] = []
    while len(said) < len(scenarios):
        first, rest = len(said), scenarios[len(said) :][:AT_ONCE]
        with tempfile.NamedTemporaryFile("w", suffix=".scenarios") as file:
            for number, scenario in enumerate(rest):
                file.write("".join(f"{line}\n" for line in _lines(f"s{first + number}", scenario)))
            file.flush()
            printed = _boot(linux, Path(file.name))
        said += _read(printed, rest)
        if len(said) == first:
            raise RuntimeError("the kernel executed nothing:\n" + "\n".join(printed[-30:]))
    return said


def version(linux: Path) -> str:
    """The version of a kernel, as it says itself."""
    return subprocess.run([linux.resolve(), "--version"], check=True, capture_output=True, text=True).stdout.strip()


def _lines(name: str, scenario: Scenario) -> Iterator[str]:
    """A scenario as driver.c reads it."""
    locks, classes = list(scenario["locks"]), _classes(scenario)
    yield f"S {name} {int(scenario.get('one_task_per_step', False))}"
    for number, lock in enumerate(locks):
        fields = scenario["locks"][lock]
        yield f"L {number} {KINDS.index(fields['kind'])} {classes.index(fields.get('class', lock))}"
    for step, fields in enumerate(scenario["steps"], start=1):
        for event, lock, *extra in fields["events"]:
            value = 0 if not extra else locks.index(extra[0]) if event == "lock_nest_lock" else extra[0]
            yield f"E {step} {event} {locks.index(lock)} {value}"
    yield "."


def _classes(scenario: Scenario) -> list[str]:
    return list(dict.fromkeys(fields.get("class", lock) for lock, fields in scenario["locks"].items()))


def _boot(linux: Path, file: Path) -> list[str]:
    """What a kernel prints until it has come to a stop."""
    command = [str(linux.resolve()), "mem=128M", f"scenarios={file}", "stderr=1"]
    printed = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as boot:
        impatient = threading.Timer(PATIENCE, os.killpg, (boot.pid, signal.SIGKILL))
        impatient.start()
        assert boot.stdout is not None
        for line in boot.stdout:
            printed.append(re.sub(r"^\[ *[\d.]+\] ?", "", line.rstrip("\r\n")))
            if printed[-1].startswith(("KL reported", "KL stuck", "KL end", "KL cannot")):
                break
        impatient.cancel()
        os.killpg(boot.pid, signal.SIGKILL)
    return printed


def _read(printed: Sequence[str], scenarios: Sequence[Scenario]) -> Iterator[Said]:
    """What was said to each scenario that came to an end."""
    left = iter(scenarios)
    text: list[str] = []
    refused = False
    for line in printed:
        words = line.split()
        if not line.startswith("KL "):
            text.append(line)
        elif words[1] == "begin":
            text, refused = [], False
        elif words[1] == "refused":
            refused = True
        elif words[1] in ("silent", "reported", "stuck"):
            scenario = next(left)
            yield Said("refused") if refused else _said(words[1], int(words[3]), "\n".join(text), scenario)


def _said(verdict: str, event: int, text: str, scenario: Scenario) -> Said:
    kind = next((found for found in _HEADING.findall(text) if not _NOT_LOCKDEP.match(found)), None)
    disbelief = re.search(r"DEBUG_LOCKS_WARN_ON\(.+?\)(?=$|: )", text, re.MULTILINE)
    if kind is None and disbelief is not None:
        kind = disbelief[0]
    if verdict == "silent":
        return Said("warning" if "WARNING: " in text else "silent", kind=kind)
    if verdict == "stuck" or kind is None:
        return Said("stuck" if verdict == "stuck" else "other")
    steps = [step for step, fields in enumerate(scenario["steps"], start=1) for _ in fields["events"]]
    return Said(verdict, None if kind.startswith("DEBUG") else steps[event], kind, _cycle(kind, text, scenario))


def _cycle(kind: str, text: str, scenario: Scenario) -> tuple[str, ...] | None:
    """The classes in order: of a circle, from #0 up; of a recursion, the one class twice."""
    classes = _classes(scenario)

    def name(raw: str) -> str:
        return _CLASS.sub(lambda found: classes[int(found[1])], raw)

    chain = [name(raw) for _, raw in sorted(_CHAIN.findall(text), key=lambda found: int(found[0]))]
    if chain:
        return (*chain, chain[0])
    asked = re.search(r"\((s\d+\.class.+?|rcu_read_lock)\)\{", text)
    return (name(asked[1]),) * 2 if "recursive" in kind and asked is not None else None
