"""``python on_interleave.py broken|fixed dfs|random PREEMPTIONS|RUNS``: the five tasks on interleave-test.

No line of the program is a switch point, only its operations on locks are: the data are all guarded by them.
"""

from __future__ import annotations

import sys
from typing import Any

import interleave_test  # type: ignore[import-not-found]
from program import load, report, tasks  # type: ignore[import-not-found]


def main(variant: str, strategy: str, number: int) -> None:
    program = load()
    five = tasks(program, variant == "fixed")

    def model() -> None:
        world = program.World()
        started = [interleave_test.spawn(task, world) for task in five]
        for one in started:
            one.join()

    options: dict[str, Any] = {"iterations": number, "seed": 0}
    if strategy == "dfs":
        options = {"iterations": 10**9, "max_preemptions": number}
    result = interleave_test.explore(
        model, strategy=strategy, granularity="line", include=[], raise_on_failure=False, **options
    )
    if result.failure is not None:
        report(result.failure.kind, result.schedules_run)
    elif result.exhausted:
        report("not finished", result.schedules_run, f"it says no deadlock with at most {number} preemptions")
    else:
        report("not finished", result.schedules_run, "a sample proves nothing")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
