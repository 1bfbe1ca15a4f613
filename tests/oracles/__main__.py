"""``python -m tests.oracles [--programs N] [--twins N]``: hold the engine against its oracles, and print one table.

The same comparisons as in `tests/test_traces.py` and `tests/threading/test_against_cpython.py`, counted. A program that
shows a difference is printed, and the exit code is then 1.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from kvmlab import explore
from tests.oracles.threaded import PLENTY, Program, program
from tests.test_traces import HANDED, PROGRAMS, WAITS, same_classes, shown
from tests.threading.test_against_cpython import GROUPS, differ
from tests.threading.test_against_cpython import PROGRAMS as TWINS

HEAD = ("what", "held against", "programs", "classes", "the oracle's", "differences")


@dataclass
class Count:
    """What one comparison came to."""

    tally: Counter[str] = field(default_factory=Counter)
    differences: int = 0


Compare = Callable[[Program, Counter[str]], object]


def count(programs: Iterable[Program], number: int, compare: Compare) -> Count:
    """Compare the first `number` of `programs` that are not too large; `compare` raises where something differs."""
    found = Count()
    for one in programs:
        if found.tally["programs"] + found.differences >= number:
            return found
        try:
            compare(one, found.tally)
        except AssertionError as error:
            found.differences += 1
            print(f"{error}{one}", file=sys.stderr)
    return found


def numbered(seed: int, **kinds: Any) -> Iterator[Program]:
    """Random programs from number `seed` on."""
    while True:
        yield program(seed, **kinds)
        seed += 1


def by_states(one: Program, tally: Counter[str]) -> None:
    """The two searches have to say the same of `one`."""
    traces = explore(one.scenario(), "traces", max_runs=200)
    if not traces.unfinished:
        states = explore(one.scenario(), "states")
        assert shown(traces) == shown(states)
        tally.update(programs=1, classes=traces.classes or 0, states=states.states or 0)


def rows(programs: int, twins: int) -> Iterator[tuple[str, ...]]:
    """The lines of the table."""
    searches: list[tuple[str, dict[str, Any], dict[str, Any], int]] = [
        ("search by traces", {}, {}, programs),
        ("with no timeouts", {"timeouts": 0}, WAITS, programs // 10),
        ("with two timeouts a task", {"timeouts": 2}, WAITS, programs // 10),
        ("with notify in any order", {"notify_order": "any"}, WAITS, programs // 10),
        ("locks released by others", {}, HANDED, programs // 10),
    ]
    for at, (what, options, kinds, number) in enumerate(searches):

        def compare(one: Program, tally: Counter[str], options: dict[str, Any] = options) -> object:
            return same_classes(one, tally, **options)

        found = count(numbered(50_000_000 + at * 1_000_000, **kinds), number, compare)
        tally, said = found.tally, _said(found)
        yield (
            what,
            "sleep sets alone",
            *_numbers(tally, "programs", "classes"),
            f"{tally['runs_of_sleep_sets']:,} runs",
            said,
        )
        yield (
            "",
            "every schedule",
            *_numbers(tally, "brute_force", "in_brute_force"),
            f"{tally['schedules']:,} schedules",
            said,
        )
    kinds = {"kinds": tuple(kind for kind in PLENTY if kind != "thread"), "plain": False}
    found = count(numbered(60_000_000, **kinds), programs // 10, by_states)
    states = f"{found.tally['states']:,} states"
    yield "search by traces", "search by states", *_numbers(found.tally, "programs", "classes"), states, _said(found)
    for at, (group, kinds) in enumerate(GROUPS.items()):
        found = Count()
        for timeouts in (1, 2):

            def twins_differ(one: Program, tally: Counter[str], timeouts: int = timeouts) -> None:
                assert not differ(one, tally, timeouts=timeouts), "the ends differ"

            programs_ = numbered(70_000_000 + at * 1_000_000 + timeouts * 100_000, **kinds, mistakes=0, noted=True)
            part = count(programs_, twins // timeouts, twins_differ)
            found.tally += part.tally
            found.differences += part.differences
        theirs = f"{found.tally['cpython']:,} classes"
        yield f"twins: {group}", "CPython's", *_numbers(found.tally, "programs", "twins"), theirs, _said(found)


def _numbers(tally: Counter[str], *keys: str) -> Iterator[str]:
    return (f"{tally[key]:,}" for key in keys)


def _said(found: Count) -> str:
    return str(found.differences or "none")


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, and print the table line by line."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracles", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--programs", type=int, default=PROGRAMS, help=f"for the search by traces (default: {PROGRAMS})"
    )
    parser.add_argument("--twins", type=int, default=TWINS, help=f"for every group of twins (default: {TWINS})")
    arguments = parser.parse_args(argv)
    print(f"{platform.python_implementation()} {platform.python_version()}\n")
    print(_line(HEAD), _line(["---"] * len(HEAD)), sep="\n")
    differences = False
    for row in rows(arguments.programs, arguments.twins):
        print(_line(row), flush=True)
        differences = differences or row[-1] != "none"
    return int(differences)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
