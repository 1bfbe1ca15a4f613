"""The table that a run of the benchmarks prints, in Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

from benchmarks.registry import Effort, Row

HEAD = ("benchmark", "what", "size", "verdict", "best", "median", "n", "")
RIGHT = ("best", "median", "n")


def heading(effort: Effort) -> str:
    """On what was measured, and how."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return (
        f"{python}, {cpus()}, {platform.system()} {platform.machine()}. CPU time of the process, all threads; "
        f"effort: {effort.name}."
    )


def cpus() -> str:
    """How many processors this process may use."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return "1 CPU" if count == 1 else f"{count} CPUs"


def table(rows: Sequence[tuple[str, Row]]) -> str:
    """`rows`, each with the name of its benchmark, as one Markdown table."""
    lines = [HEAD, *(_cells(name, row) for name, row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    rule = tuple("-" * (width - 1) + (":" if name in RIGHT else "-") for name, width in zip(HEAD, widths, strict=True))
    return "\n".join(_line(line, widths) for line in (HEAD, rule, *lines[1:]))


def duration(seconds: float) -> str:
    """Three digits and a unit: ``18.1 ms``, ``142 ns``."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.9995 * scale:
            return f"{seconds / scale:#.3g} {unit}".replace(". ", " ")
    return f"{seconds * 1e9:.0f} ns"


def _cells(name: str, row: Row) -> tuple[str, ...]:
    times = ("–", "–", "0")
    if row.timing:
        per = [duration(seconds / row.operations) for seconds in (row.timing.best, row.timing.median)]
        times = (per[0], per[1], str(len(row.timing.seconds)))
    return (name, row.what, row.size, row.verdict, *times, row.note)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = [
        cell.rjust(width) if name in RIGHT else cell.ljust(width)
        for name, cell, width in zip(HEAD, cells, widths, strict=True)
    ]
    return "| " + " | ".join(parts) + " |"
