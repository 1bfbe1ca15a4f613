"""What a benchmark is, what it says, and how it is found: every module of this package is asked for its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import benchmarks
from benchmarks.measure import Timing

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Effort:
    """How much to measure.

    Attributes:
        name: ``full``, ``quick``, or ``tiny`` (only to see that it works).
        repeats: how often to time something short.
    """

    name: str
    repeats: int

    def pick(self, *, tiny: Choice, quick: Choice, full: Choice) -> Choice:
        """The one that belongs to this effort."""
        return {"tiny": tiny, "quick": quick, "full": full}[self.name]


FULL, QUICK, TINY = Effort("full", 15), Effort("quick", 5), Effort("tiny", 1)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was done.
        timing: CPU seconds; None when it was not run, and then `note` says why.
        operations: the times are divided by this, for a cost per operation.
        size: how large the work was: ``4,126 states``.
        verdict: what came out.
        note: a ratio against a peer in the same run, or a target and whether it was reached.
    """

    what: str
    timing: Timing | None
    operations: int = 1
    size: str = ""
    verdict: str = ""
    note: str = ""


Benchmark = Callable[[Effort], Iterable[Row]]

FIRST = ("circle", "two-vms", "growth", "live", "searches", "naive")
"""The order of the table; what is not named here comes after, by name."""

_KNOWN: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Enter the decorated function into the table under `name`; it yields rows for an `Effort`."""

    def enter(function: Benchmark) -> Benchmark:
        assert name not in _KNOWN, f"two benchmarks are called {name!r}"
        _KNOWN[name] = function
        return function

    return enter


def all_benchmarks() -> dict[str, Benchmark]:
    """Every benchmark of every module of this package, by name, in the order of the table."""
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name != "__main__":
            importlib.import_module(f"benchmarks.{module.name}")
    return {name: _KNOWN[name] for name in sorted(_KNOWN, key=_place)}


def _place(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)
