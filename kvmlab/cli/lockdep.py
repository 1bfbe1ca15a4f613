"""The command `python -m kvmlab lockdep FILE.json`: the verdict on every scenario of a file."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence

from kvmlab.cli.parser import Parser
from kvmlab.lockdep.rules import RULES
from kvmlab.lockdep.run import Outcome, run
from kvmlab.lockdep.scenarios import FormError, read


def main(argv: Sequence[str] | None = None) -> int:
    """Print the verdicts; 0 when the file was read, 2 with one sentence on stderr when it could not be.

    Raises:
        SystemExit: the call cannot be used; one sentence on stderr has said why.
    """
    parser = Parser(
        prog="python -m kvmlab lockdep",
        description="Say what lockdep would say to the lock scenarios of a file.",
        allow_abbrev=False,
    )
    parser.add_argument("file", metavar="FILE.json", help="scenarios in the form of kvmlab/data/lockdep-scenarios.json")
    parser.add_argument(
        "--linux", choices=tuple(RULES), default="complete", help="whose rules (default: complete, no blind spots)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line a scenario, nothing else")
    arguments = parser.parse_args(argv)
    try:
        scenarios = read(arguments.file)
    except FormError as error:
        print(error, file=sys.stderr)
        return 2
    outcomes = [run(scenario, arguments.linux) for scenario in scenarios]
    lines = (json.dumps(outcome.data()) for outcome in outcomes) if arguments.json else _readable(outcomes)
    for line in lines:
        print(line)
    return 0


def _readable(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        at = f" at step {outcome.step}" if outcome.step is not None else ""
        yield f"{outcome.name}: {outcome.verdict}{at}"
        if outcome.report is not None:
            yield ""
            yield from (f"    {line}".rstrip() for line in str(outcome.report).splitlines())
            yield ""
    counts = Counter(outcome.verdict for outcome in outcomes)
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("reported", "warning", "silent"))
    yield f"{len(outcomes)} scenario{'s' * (len(outcomes) != 1)}: {said}."
