"""The twins against CPython's own `threading.py` over our `Lock`: the same ends, in every schedule of random programs.

An end is what every task was given by every call, and whether it ended, raised, or waits for ever.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from kvmlab import threading
from kvmlab.operation import Operation
from kvmlab.threading import barrier, condition, event
from tests.oracles.cpython import cpython, ends
from tests.oracles.threaded import Program, program

PROGRAMS = int(os.environ.get("KVMLAB_TWINS", "60"))
"""How many random programs are compared for every group of twins."""

ALL = ("cond", "cond_l", "cond_a", "cond_b", "sem", "bounded", "event", "barrier", "acting", "rlock", "lock", "thread")
GROUPS: dict[str, dict[str, Any]] = {
    "a condition": {"kinds": ("cond", "cond_l"), "flat": True, "plain": False},
    "two conditions on one lock": {"kinds": ("cond_a", "cond_b"), "flat": True},
    "conditions": {"kinds": ("cond", "cond_l", "cond_a", "cond_b", "lock", "cell")},
    "semaphores": {"kinds": ("sem", "bounded", "cell")},
    "events": {"kinds": ("event", "event", "cell")},
    "barriers": {"kinds": ("barrier", "acting", "barrier")},
    "re-entrant locks": {"kinds": ("rlock", "rlock", "lock", "cell")},
    "all": {"kinds": (*ALL, "cell")},
}
TWINS = 60
CPYTHONS = 600


def differ(one: Program, tally: Counter[str], **options: Any) -> bool:
    """Whether the ends differ. What is too large is left out: more than so many classes with the twins, or without."""
    twins = ends(one, TWINS, threading, **options)
    if not twins.complete:
        return False
    standard = ends(one, CPYTHONS, cpython, **options)
    if not standard.complete:
        return False
    assert not twins.halted, one
    assert not standard.halted, one
    tally.update(programs=1, twins=twins.classes, cpython=standard.classes, ends=len(twins.ends))
    tally.update(waits=any("waits" in str(end) for end in twins.ends))
    return twins.ends != standard.ends


@pytest.mark.parametrize("timeouts", [1, 2])
@pytest.mark.parametrize("group", GROUPS)
def test_the_same_ends(group: str, timeouts: int) -> None:
    tally, seed = Counter[str](), timeouts * 1_000_000
    number = PROGRAMS // timeouts
    while tally["programs"] < number:
        one = program(seed, **GROUPS[group], mistakes=0, noted=True)
        assert not differ(one, tally, timeouts=timeouts), one
        seed += 1
    print(dict(tally))
    assert tally["waits"] > number / 20, "programs in which somebody waits for ever are among them"
    assert tally["ends"] > 2 * number, "programs that can end in several ways are among them"


# The oracle has teeth: it notices what is easily got wrong.


def leave_at_once(lock: Any, task: str, queue: Any, depth: int) -> Any:
    """A wrong `wake`: who is late leaves the queue when the time is up, not when it owns the lock again."""
    if condition.may_wake(lock, task, queue, depth):
        return condition.wake(lock, task, queue, depth)
    return condition.leave_queue(lock, task, queue), False


def wake_the_last(lock: Any, task: str, queue: Any, count: int, reentrant: bool, order: str) -> Any:
    """A wrong `notify`: last in, first out."""
    backwards = lock._replace(waiting=lock.waiting[::-1])
    found, result = condition.notify(backwards, task, queue, count, reentrant, order)
    return found._replace(waiting=found.waiting[::-1]), result


def let_only_the_first_go(state: Any, task: str) -> Any:
    """A wrong `set`: of those who wait only one goes on."""
    return state._replace(flag=True, waiting=state.waiting[1:]), None


def let_in_while_draining(state: Any, task: str, *args: Any) -> bool:
    """A wrong barrier: it fills again before it is empty."""
    return state.acting is None


@pytest.mark.parametrize(
    ("operation", "part", "wrong", "group"),
    [
        (condition.WAKE_TIMED, "effect", leave_at_once, "a condition"),
        (condition.NOTIFY, "effect", wake_the_last, "a condition"),
        (event.SET, "effect", let_only_the_first_go, "events"),
        (barrier.ENTER, "guard", let_in_while_draining, "barriers"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_mistake_in_a_twin_is_noticed(operation: Operation, part: str, wrong: Callable[..., Any], group: str) -> None:
    right = getattr(operation, part)
    object.__setattr__(operation, part, wrong)
    try:
        programs = (program(seed, **GROUPS[group], mistakes=0, noted=True) for seed in range(200))
        assert any(differ(one, Counter()) for one in programs)
    finally:
        object.__setattr__(operation, part, right)
