"""``python -m benchmarks.peers.on_threads broken|fixed``: our search with every task on a thread of the system."""

from __future__ import annotations

import sys

from benchmarks.peers.program import report
from benchmarks.scenarios import written_circle
from benchmarks.threads import explore_on_threads

if __name__ == "__main__":
    found = explore_on_threads(written_circle(fixed=sys.argv[1] == "fixed"))
    report(found.verdict, found.runs or 0)
