"""Lockdep: what it costs to be watched, for one acquisition and release, and how that grows with what is known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from benchmarks.exploring import times
from benchmarks.measure import Timing, measure, measure_each
from benchmarks.registry import Effort, Row, benchmark
from benchmarks.scenarios import one_lock
from kvmlab import Scenario, lockdep, replay
from kvmlab.lockdep import Lock, Validator


def bare(count: int) -> None:
    """A lock of the standard library, taken and given back."""
    lock = threading.Lock()
    for _ in range(count):
        lock.acquire()
        lock.release()


def told(count: int, validator: Callable[[], Validator] = Validator, depth: int = 1) -> None:
    """The same for a validator alone: `depth` locks, one inside the other, taken and given back."""
    watched, locks = validator(), [Lock(f"bench{number}") for number in range(depth)]
    acquire, release = watched.acquire, watched.release
    for _ in range(count // depth):
        for lock in locks:
            acquire("task", lock)
        for lock in reversed(locks):
            release("task", lock)


def grown(classes: int, each: int) -> Validator:
    """A validator that knows `classes` classes, each asked for under the `each` before it; there is no circle."""
    validator = Validator()
    locks = [Lock("hub0"), *(Lock(f"known{number}") for number in range(1, classes))]
    for number, inner in enumerate(locks[1:], 1):
        for outer in locks[max(0, number - each) : number]:
            validator.acquire("setup", outer)
            validator.acquire("setup", inner)
            validator.release("setup", inner)
            validator.release("setup", outer)
    assert validator.report is None
    return validator


def search(validator: Validator, deep: Lock, count: int) -> None:
    """Requests for the first of all classes under a new one: the search walks the whole graph and finds nothing."""
    hub = Lock("hub0")
    for number in range(count):
        outer = Lock(f"fresh{number}", key=(deep.key, number))
        validator.acquire("task", outer)
        validator.acquire("task", hub)
        validator.release("task", hub)
        validator.release("task", outer)
    assert validator.report is None


def scenario(count: int) -> Scenario:
    """One task on one mutex."""
    return one_lock(1, count)


def unwatched(count: int) -> None:
    """Our own mutex in a controlled run, without lockdep."""
    assert replay(scenario(count), f"1x{2 * count}").verdict == "finished"


def watched(count: int) -> None:
    """The same run with lockdep listening."""
    assert lockdep(scenario(count)).verdict == "silent"


@benchmark("lockdep")
def lockdep_cost(effort: Effort) -> Iterator[Row]:
    """Acquire and release over a bare lock, over our own without lockdep; then with more classes and dependencies."""
    few, many = effort.pick(tiny=(5, 5), quick=(100, 20_000), full=(140, 100_000))
    plain, alone, deep = measure_each(
        [partial(bare, many), partial(told, many), partial(told, many, depth=4)], effort.repeats
    )
    peer = _row("threading.Lock, bare", plain, many)
    yield peer
    yield _against(_row("told to lockdep, seen before", alone, many), peer)
    yield _against(_row("told to lockdep, four deep", deep, many // 4 * 4), peer)
    without, with_it = measure_each([partial(unwatched, few), partial(watched, few)], effort.repeats)
    own = _row("Mutex in a controlled run", without, few)
    yield own
    yield _against(_row("the same, lockdep listening", with_it, few), own)
    yield from _growth(effort)


def _growth(effort: Effort) -> Iterator[Row]:
    """Rows for graphs of different sizes: a chain seen before, and one that must be searched for."""
    sizes = effort.pick(
        tiny=[(4, 1)], quick=[(10, 1), (100, 1), (100, 4)], full=[(10, 1), (100, 1), (1000, 1), (1000, 4)]
    )
    calls = effort.pick(tiny=5, quick=20_000, full=100_000)
    searches = effort.pick(tiny=2, quick=10, full=30)
    for classes, each in sizes:
        validator = grown(classes, each)
        size = f"{classes:,} classes, {len(validator.graph):,} dependencies"
        known = measure(partial(told, calls, lambda known=validator: known), effort.repeats)  # type: ignore[misc]
        yield Row(f"seen before, {size}", known, calls, f"{calls:,} times take and give back", "silent")
        rounds = iter(range(effort.repeats + 1))
        sought = measure(lambda v=validator, r=rounds: search(v, Lock(f"round{next(r)}"), searches), effort.repeats)  # type: ignore[misc]
        yield Row(f"new, {size}", sought, searches, f"{searches:,} searches of the whole graph", "silent")


def _row(what: str, timing: Timing, operations: int) -> Row:
    return Row(what, timing, operations, size=f"{operations:,} times take and give back")


def _against(row: Row, peer: Row) -> Row:
    return replace(row, verdict="silent", note=f"{times(row, peer)} {peer.what}")
