"""Live runs: what one operation costs on threads under the monitor, against a bare `threading.Lock`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from benchmarks.exploring import times
from benchmarks.measure import Timing, measure_each
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import lock_often, one_lock
from kvmlab import run
from kvmlab.verdict import plural


class Bare:
    """One lock of the standard library."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


def bare(tasks: int, each: int) -> None:
    """The threads of `one_lock`, with nothing between them and the lock."""
    world = Bare()
    threads = [threading.Thread(target=lock_often, args=(world, each)) for _ in range(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def monitored(tasks: int, each: int) -> None:
    """The same on a mutex of kvmlab, as a live run."""
    result = run(one_lock(tasks, each), max_operations=2 * each + 1)
    assert result.verdict == "finished", result


@benchmark("live")
def compare_with_bare_lock(effort: Effort) -> Iterator[Row]:
    """Lock and unlock in a loop, alone and with a second thread on the same lock; per operation."""
    few, many = effort.pick(tiny=(5, 5), quick=(1_000, 50_000), full=(5_000, 200_000))
    for threads in (1, 2):
        theirs, ours = measure_each([partial(bare, threads, many), partial(monitored, threads, few)], effort.repeats)
        peer = _row(f"threading.Lock, {plural(threads, 'thread')}", theirs, 2 * threads * many)
        row = _row(f"Mutex in run(), {plural(threads, 'thread')}", ours, 2 * threads * few)
        yield peer
        yield replace(row, note=f"{times(row, peer)} the row before")


def _row(what: str, timing: Timing, operations: int) -> Row:
    return Row(what, timing, operations, size=f"each of {plural(operations, 'operation')}", verdict="finished")
