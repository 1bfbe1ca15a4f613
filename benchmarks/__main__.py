"""``python -m benchmarks [--quick] [NAME…]``: measure, and print one table from one run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.registry import FULL, QUICK, Row, all_benchmarks
from benchmarks.table import heading, table


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what `argv` names, everything if it names nothing."""
    known = all_benchmarks()
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the speed claims of the book.")
    parser.add_argument("name", nargs="*", help=f"what to measure: {', '.join(known)} (default: everything)")
    parser.add_argument("--quick", action="store_true", help="less of everything, for a first look")
    arguments = parser.parse_args(argv)
    unknown = [name for name in arguments.name if name not in known]
    if unknown:
        print(f"no benchmark is called {unknown[0]!r}; there are {', '.join(known)}.", file=sys.stderr)
        return 2
    effort = QUICK if arguments.quick else FULL
    rows: list[tuple[str, Row]] = []
    for name in [name for name in known if name in arguments.name or not arguments.name]:
        _progress(f"measuring {name} …")
        rows += [(name, row) for row in known[name](effort)]
    _progress("")
    print(heading(effort), table(rows), sep="\n\n")
    return 0


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
