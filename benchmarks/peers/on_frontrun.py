"""``python on_frontrun.py broken|fixed SECONDS``: the five tasks on frontrun's partial-order reduction.

Virtual clock, so that nothing waits in real time; no bound on preemptions, so that "holds" would mean every schedule.
"""

from __future__ import annotations

import sys
import time

import frontrun  # type: ignore[import-not-found]
from program import load, report, tasks  # type: ignore[import-not-found]


def main(variant: str, seconds: float) -> None:
    program = load()
    start = time.monotonic()
    result = frontrun.explore(
        setup=program.World, workers=tasks(program, variant == "fixed"), invariant=lambda world: True,
        clock="virtual", preemption_bound=None, total_timeout=seconds, detect_io=False, reproduce_on_failure=0,
    )  # fmt: skip
    if result.property_holds is False:
        report("deadlock" if "deadlock" in str(result.explanation).lower() else "failed", result.num_explored)
    elif time.monotonic() - start >= seconds:
        says = "although it says that the property holds" if result.property_holds else ""
        report("not finished", result.num_explored, says)
    else:
        report("proven" if result.property_holds else "not finished", result.num_explored)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
