"""A thousand deadlocks in one process: nothing is left behind."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable

import pytest
from greenlet import greenlet

from kvmlab import Mutex, Scenario, explore, replay, run
from kvmlab.controlled import Controlled
from kvmlab.live import LiveRun
from kvmlab.location import _ENGINE, _KNOWN
from tests.oracles.worlds import CONFIGURATIONS

CIRCLE = CONFIGURATIONS["B a writer waits"]
SCHEDULE = explore(CIRCLE).deadlocks[0].replay


class World:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()


def ab(w: World) -> None:
    with w.a, w.b:
        pass


def ba(w: World) -> None:
    with w.b, w.a:
        pass


def raises(w: World) -> None:
    with w.a:
        raise ValueError("kept, with its frames, only as long as its verdict")


OPPOSITE, FAILING = Scenario(World, ab, ba), Scenario(World, ab, ba, raises)

DEADLOCKS: dict[str, Callable[[], object]] = {
    "on threads": lambda: run(CIRCLE, SCHEDULE),
    "replayed": lambda: replay(CIRCLE, SCHEDULE),
    "explored by states": lambda: explore(OPPOSITE),
    "explored by traces": lambda: explore(OPPOSITE, by="traces"),
    "with a failure": lambda: explore(FAILING),
}


@pytest.mark.parametrize("name", DEADLOCKS)
def test_a_thousand_deadlocks_leave_nothing_behind(name: str) -> None:
    """Threads, greenlets and memory are the same after the first hundred and after a thousand."""
    deadlock = DEADLOCKS[name]
    counts = []
    for rounds in (100, 900):
        for _ in range(rounds):
            assert deadlock().verdict == "deadlock"  # type: ignore[attr-defined]
        gc.collect()
        greenlets = sum(isinstance(thing, greenlet) for thing in gc.get_objects())
        counts.append((sys.getallocatedblocks(), greenlets, threading.active_count()))
    (before, *things), (after, *things_after) = counts
    assert things == things_after
    assert after - before < 450, f"{(after - before) / 900:.1f} objects a deadlock"
    assert Controlled.abandoned == []
    assert LiveRun.abandoned == []


@pytest.mark.parametrize("name", DEADLOCKS)
def test_what_is_remembered_for_ever_grows_with_the_program_and_not_with_its_runs(name: str) -> None:
    remembered = []
    for rounds in (1, 20):
        for _ in range(rounds):
            DEADLOCKS[name]()
        remembered.append((len(_ENGINE), len(_KNOWN)))
    assert remembered[0] == remembered[1]
