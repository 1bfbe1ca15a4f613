"""Compare our validator with the lockdep of real kernels, on random lock scenarios or on those of a file.

Usage: python tools/kernel_lockdep/measure.py [options] LINUX...

    LINUX             kernels built by build.py
    --seeds 0:400     which of the random scenarios of generate.py
    --style STYLE     their style: mixed, dense or blind
    --file FILE       scenarios of your own instead, in the form of kvmlab/data/lockdep-scenarios.json
    --write FILE      keep the scenarios and what the kernels said, in the same form

Scenarios in which a task really waits for ever while lockdep is silent, in which a try failed, or in which another
check of the kernel spoke first say nothing about lockdep; they are counted and left out. So is `call_srcu_and_barrier`:
with the small SRCU of a kernel for one CPU it is a plain wait for readers. The exit code is 0 when the validator says
the same as every kernel, 1 when it does not, 2 when the call or the file cannot be used.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from generate import STYLES  # the tools are scripts, not a package
from kernel import Said, Scenario, ask, version

from kvmlab.lockdep import FormError, parse, read, run

JUDGED = ("reported", "warning", "silent")


def main() -> int:
    """Print the table and the differences."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("linux", nargs="+", type=Path, metavar="LINUX")
    parser.add_argument("--file", type=Path, metavar="FILE")
    parser.add_argument("--seeds", default="0:400", metavar="FIRST:LAST")
    parser.add_argument("--style", choices=tuple(STYLES), default="mixed")
    parser.add_argument("--write", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    try:
        scenarios = _scenarios(arguments)
        names = [_version(linux) for linux in arguments.linux]
    except FormError as error:
        parser.error(str(error))
    measured: dict[str, list[Said]] = {}
    different = 0
    for name, linux in zip(names, arguments.linux, strict=True):
        measured[name] = ask(linux, scenarios)
        different += _compare(name, scenarios, measured[name])
    if arguments.write:
        _write(arguments.write, scenarios, measured)
    return 1 if different else 0


def _scenarios(arguments: argparse.Namespace) -> list[Scenario]:
    if arguments.file:
        read(arguments.file)  # a sentence about what is wrong with it
        return list(json.loads(arguments.file.read_text(encoding="utf-8-sig"))["scenarios"])
    first, _, last = arguments.seeds.partition(":")
    if not (first.isdigit() and last.isdigit() and int(first) < int(last)):
        raise FormError(f"--seeds {arguments.seeds}: must be two numbers, the smaller first, such as 0:400")
    return [STYLES[arguments.style](seed) for seed in range(int(first), int(last))]


def _version(linux: Path) -> str:
    try:
        return version(linux)
    except (OSError, subprocess.CalledProcessError) as error:
        raise FormError(f"{linux}: is no kernel built by build.py ({error})") from None


def rules_of(kernel: str) -> str:
    """The rules of a version: lockdep looks at SRCU since v6.4."""
    return "6.1" if tuple(map(int, kernel.split(".")[:2])) < (6, 4) else "6.12"


def _compare(name: str, scenarios: list[Scenario], measured: list[Said]) -> int:
    """Print how often what was said, and every scenario to which the validator says something else."""
    counts: Counter[str] = Counter()
    different = 0
    for scenario, said in zip(scenarios, measured, strict=True):
        counts[f"{said.verdict}: {said.kind}" if said.kind else said.verdict] += 1
        ours = run(parse({"scenarios": [scenario]})[0], rules_of(name)).data()
        if said.verdict in JUDGED and ours != {"name": scenario["name"], **said.expected()}:
            different += 1
            print(f"{name} says {said.expected()}\nwe say {ours}\nto {json.dumps(scenario)}\n")
    for what, count in sorted(counts.items()):
        print(f"{name}  {count:5}  {what}")
    judged = sum(said.verdict in JUDGED for said in measured)
    print(f"{name}: {judged} scenarios judged, differences: {different or 'none'}")
    return different


def _write(file: Path, scenarios: list[Scenario], measured: dict[str, list[Said]]) -> None:
    """Keep what at least one kernel judged, a scenario a line."""
    how = "What lockdep said on User Mode Linux, by version: tools/kernel_lockdep/measure.py"
    lines = []
    for number, scenario in enumerate(scenarios):
        said = {name: results[number] for name, results in measured.items() if results[number].verdict in JUDGED}
        if said:
            expected = {name: one.expected() for name, one in said.items()}
            lines.append(json.dumps({**scenario, "expected": expected}, separators=(",", ":")))
    text = ",\n".join(lines)
    file.write_text(f'{{"meta": {json.dumps(how)},\n"scenarios": [\n{text}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
