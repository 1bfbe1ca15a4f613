"""The measured scenarios once more, this time executed: real primitives in tasks, listened to while they run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import kvmlab
from kvmlab import SRCU, Mutex, PercpuRwsem, Scenario, SpinLock, lockdep
from kvmlab.kvm import lockdep_assert_held
from kvmlab.lockdep import Event, LockdepMap, LockScenario, might_lock, nested, read, run

DATA = Path(kvmlab.__file__).parent / "data" / "lockdep-scenarios.json"
MAKE = {"mutex": Mutex, "spin": SpinLock, "percpu_rwsem": PercpuRwsem, "srcu": SRCU}
NOT_TOLD = {"read_lock_notrace", "read_unlock_notrace", "down_read_unowned", "up_read_unowned"}
NOT_TOLD |= {"call_srcu_and_barrier", "poll_grace_period"}
SCENARIOS = {scenario.name: scenario for scenario in read(DATA)}
NESTED = {name for name, one in SCENARIOS.items() if "lock_nest_lock" in {e.name for s in one.steps for e in s.events}}
"""Their with-blocks do not nest; nest_lock has a test of its own."""


def world(scenario: LockScenario) -> SimpleNamespace:
    """Locks of one class are kept in one list, which makes them one class."""
    kept = SimpleNamespace()
    for kind, class_name in scenario.locks.values():
        if not hasattr(kept, class_name):
            setattr(kept, class_name, [])
        made = MAKE[kind.name]() if kind.name in MAKE else LockdepMap(kind)
        getattr(kept, class_name).append(made)
    return kept


def lock_of(w: SimpleNamespace, scenario: LockScenario, name: str) -> Any:
    class_name = scenario.locks[name][1]
    same = [other for other, (_, other_class) in scenario.locks.items() if other_class == class_name]
    return getattr(w, class_name)[same.index(name)]


def perform(lock: Any, event: Event, indices: list[int]) -> None:
    name = event.name
    if isinstance(lock, LockdepMap):
        calls: dict[str, Callable[[], object]] = {
            "lock": lock.acquire,
            "unlock": lock.release,
            "read_lock": partial(lock.acquire, shared=True),
            "read_unlock": lock.release,
            "synchronize": lock.sync,
        }
    elif isinstance(lock, PercpuRwsem):
        calls = {
            "lock": lock.write_lock,
            "unlock": lock.write_unlock,
            "read_lock": lock.read_lock,
            "read_trylock": lock.read_trylock,
            "read_unlock": lock.read_unlock,
        }
    elif isinstance(lock, SRCU):
        calls = {
            "read_lock": lambda: indices.append(lock.read_lock()),
            "read_unlock": lambda: lock.read_unlock(indices.pop()),
            "synchronize": lock.synchronize,
        }
    else:
        calls = {
            "lock": lock.lock,
            "unlock": lock.unlock,
            "trylock": lambda: lock.trylock(),
            "lock_nested": lambda: nested(lock, event.subclass).__enter__(),
            "might_lock": lambda: might_lock(lock),
            "assert_held": lambda: lockdep_assert_held(lock),
        }
    calls[name]()


def task(scenario: LockScenario, numbers: list[int], w: SimpleNamespace) -> None:
    indices: list[int] = []
    for number in numbers:
        for event in scenario.steps[number].events:
            if event.name not in NOT_TOLD:
                perform(lock_of(w, scenario, event.lock), event, indices)


def executed(scenario: LockScenario) -> Scenario:
    count = len(scenario.steps)
    of_tasks = [[number] for number in range(count)] if scenario.one_task_per_step else [list(range(count))]
    tasks = [partial(task, scenario, numbers) for numbers in of_tasks]
    return Scenario(partial(world, scenario), *tasks, name=scenario.name)


def plain(class_name: str) -> str:
    return class_name.replace("&", "", 1).replace("[i]", "")


@pytest.mark.parametrize("linux", ["6.12", "6.1", "complete"])
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in NESTED])
def test_executed_it_has_the_verdict_and_the_circle_that_it_has_when_told(name: str, linux: str) -> None:
    """Told: the events of the file go straight to a validator, which agrees with Linux 6.12 in all of them."""
    told = run(SCENARIOS[name], linux)
    history = lockdep(executed(SCENARIOS[name]), linux)
    assert history.verdict == told.verdict
    assert tuple(map(plain, history.cycle)) == (told.cycle or ())


def test_nearly_all_of_the_measured_scenarios_can_be_executed() -> None:
    assert len(SCENARIOS) == 94
    assert len(NESTED) == 4
