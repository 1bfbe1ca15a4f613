"""The search by traces, stopped early: at its first deadlock, or when its time is used up."""

from __future__ import annotations

import contextlib
import time

from kvmlab import Scenario
from kvmlab.controlled import watched
from kvmlab.printing import captured
from kvmlab.replay import play
from kvmlab.traces import TraceSearch

NO_LIMIT = 10**12


class _Enough(Exception):
    """The search has done what it was asked for."""


def searched(scenario: Scenario, seconds: float = float("inf"), *, first: bool = False) -> TraceSearch:
    """The search of `scenario` after `seconds` of CPU at most; with `first`, only up to its first deadlock.

    What it found before it was stopped stands; `TraceSearch.complete` then is false.
    """
    end = time.process_time() + seconds

    def look(runs: int) -> None:
        if (first and search.deadlocks) or time.process_time() > end:
            search.complete = False
            raise _Enough

    search = TraceSearch(scenario, NO_LIMIT, progress=look)
    with watched(), captured(), contextlib.suppress(_Enough):
        search.search()
    return search


def first_deadlock(scenario: Scenario) -> TraceSearch:
    """The search up to its first deadlock, which is confirmed by a run of its own, as `explore` does."""
    search = searched(scenario, first=True)
    assert play(scenario, search.ways[0]).verdict == "deadlock"
    return search


def verdict(search: TraceSearch) -> str:
    """What `search` has to say in the end, or so far."""
    if search.deadlocks:
        return f"deadlock ({len(search.deadlocks)})"
    if search.failures or search.races:
        return "failed"
    return "proven" if search.complete else "not finished"
