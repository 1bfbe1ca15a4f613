"""The commands: what they take, what they print, and the exit codes that a script can rely on."""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence

from kvmlab.cli import data
from kvmlab.cli.files import BadFile, chosen, only, scenarios, split
from kvmlab.cli.parser import UNUSABLE, Parser
from kvmlab.errors import ScenarioError
from kvmlab.explore import RUNS, STATES, explore
from kvmlab.live import run
from kvmlab.replay import replay
from kvmlab.scenario import Scenario
from kvmlab.task import raised_at
from kvmlab.verdict import Run

GOOD, BAD, UNFINISHED = 0, 1, 3
INTERNAL, INTERRUPTED, UNREAD = 70, 130, 141

CODES = {"proven": GOOD, "finished": GOOD, "deadlock": BAD, "failed": BAD, "not finished": UNFINISHED}
"""The exit code of each verdict."""

EXIT_CODES = """\
exit codes:
  0  proven (explore), finished (run, replay)
  1  deadlock, or failed
  2  the call, the file or the name cannot be used; one sentence on stderr says why
  3  not finished: a budget ran out, or the schedule ended first; nothing is proven
  70 an error of kvmlab's own, 130 interrupted from the keyboard, 141 nobody reads the output
  Of several scenarios the gravest counts: 2, then 1, then 3, then 0."""

FILES = """\
FILE.py is executed: its folder comes first on sys.path, __name__ is not "__main__", and what it prints
goes to stderr. Its scenarios are the module-level names that stand for a Scenario."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what `argv` says (by default what the process was called with) and return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without "…" gets \u2026, not an error
    try:
        code = _dispatch(sys.argv[1:] if argv is None else list(argv))
        if sys.stdout is not None:
            sys.stdout.flush()
    except BadFile as error:
        return _refuse(str(error))
    except BrokenPipeError:
        _let_output_go()
        return UNREAD
    except OSError as error:
        _let_output_go()
        return _refuse(f"the output cannot be written: {error.strerror}.")
    except KeyboardInterrupt:
        _refuse("interrupted.")
        return INTERRUPTED
    except Exception:
        traceback.print_exc()
        _refuse("this is an error of kvmlab's own: please report it with the lines above.")
        return INTERNAL
    return code


def _dispatch(argv: list[str]) -> int:
    try:
        if argv[:1] == ["lockdep"]:
            from kvmlab.cli.lockdep import main as lockdep

            return lockdep(argv[1:])
        if argv[:1] == ["grade"]:
            from kvmlab.cli.grade import main as grade

            return grade(argv[1:])
        options = _parser().parse_args(argv)
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else UNUSABLE
    command: Callable[[argparse.Namespace], int] = options.command
    return command(options)


def _parser() -> Parser:
    parser = Parser(
        prog="python -m kvmlab",
        description="Explore every schedule of a locking program, run it, or replay one schedule.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"kvmlab {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, act: Callable[[argparse.Namespace], int], what: str, keys: str) -> Parser:
        added = commands.add_parser(
            name,
            help=what,
            description=f"{what[0].upper()}{what[1:]}.\n\n{FILES}",
            epilog=f"{keys}\n\n{EXIT_CODES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        added.set_defaults(command=act)
        added.add_argument("target", metavar="FILE.py[:NAME]", help="a file, and one of its scenarios")
        return added

    exploring = command("explore", _explore, "look at every schedule of one or all scenarios", data.EXPLORATION)
    exploring.add_argument("--by", choices=("states", "traces"), help="force one search (default: the one that fits)")
    budget = f"budget of the search by states, in states (default {STATES:,})"
    exploring.add_argument("--max-states", metavar="N", type=_budget, default=STATES, help=budget)
    budget = f"budget of the search by traces, in runs (default {RUNS:,})"
    exploring.add_argument("--max-runs", metavar="N", type=_budget, default=RUNS, help=budget)
    running = command("run", _run, "run a scenario once, on threads", data.RUN)
    running.add_argument("--schedule", metavar="S", help='force the first operations, such as "3-1-1-2"')
    replaying = command("replay", _replay, "repeat one schedule of a scenario", data.RUN)
    replaying.add_argument("schedule", metavar="SCHEDULE", help='the tasks that move, in order, such as "3-1-1-2x5"')
    for one in (exploring, running, replaying):
        one.add_argument("--json", action="store_true", help="print JSON, one line a result (keys below)")
    commands.add_parser("lockdep", help="say what lockdep would say to the lock scenarios of a file", add_help=False)
    commands.add_parser("grade", help="grade a folder of submitted exercise notebooks", add_help=False)
    return parser


def _explore(options: argparse.Namespace) -> int:
    path, name = split(options.target)
    codes: set[int] = set()
    with scenarios(path) as found:
        wanted = chosen(found, path, name)
        for label, scenario in wanted.items():
            with _refusing(f"{path}:{label}", codes):
                result = explore(scenario, options.by, max_states=options.max_states, max_runs=options.max_runs)
                codes.add(CODES[result.verdict])
                if options.json:
                    _print(json.dumps(data.of_exploration(label, result)))
                elif len(wanted) == 1:
                    _print(str(result))
                else:
                    _print(f"--- {path}:{label}\n{result}\n")
    return next(code for code in (UNUSABLE, BAD, UNFINISHED, GOOD) if code in codes)


def _run(options: argparse.Namespace) -> int:
    return _once(options, lambda scenario: run(scenario, options.schedule))


def _replay(options: argparse.Namespace) -> int:
    return _once(options, lambda scenario: replay(scenario, options.schedule))


def _once(options: argparse.Namespace, act: Callable[[Scenario], Run]) -> int:
    path, name = split(options.target)
    codes: set[int] = set()
    with scenarios(path) as found:
        label, scenario = only(chosen(found, path, name), path)
        with _refusing(f"{path}:{label}", codes):
            result = act(scenario)
            codes.add(CODES[result.verdict])
            _print(json.dumps(data.of_run(label, result)) if options.json else str(result))
    return max(codes)


@contextlib.contextmanager
def _refusing(what: str, codes: set[int]) -> Iterator[None]:
    """Inside, a scenario that cannot be used is refused in one sentence, and its exit code goes to `codes`."""
    try:
        yield
    except ScenarioError as error:
        place = raised_at(error.__cause__) if error.__cause__ else None
        codes.add(_refuse(f"{what}: {' '.join(str(error).split()).rstrip('.')}{f' ({place})' if place else ''}."))
    except SystemExit:
        codes.add(_refuse(f"{what}: its world ends the program (SystemExit)."))


def _print(text: str) -> None:
    """Print, and let whoever reads have it now."""
    print(text, flush=True)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return UNUSABLE


def _let_output_go() -> None:
    """The output goes nowhere: send the rest there on purpose, so that Python does not complain at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _budget(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < len(text) <= 18 and int(text)):
        raise argparse.ArgumentTypeError(f"a whole number from 1 is needed, not {text!r}")
    return int(text)


def _version() -> str:
    try:
        return importlib.metadata.version("kvmlab")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
