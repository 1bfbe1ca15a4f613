"""The circle with the paths of the patch: which sets of actors deadlock, in all schedules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from kvmlab import Completion, ReaderPreferringRwsem, Scenario, run, state_graph
from kvmlab.kvm import (
    KvmWorld,
    cpu_hotplug,
    cpu_online,
    cpufreq_notifier,
    cpufreq_notifier_chain,
    kvmclock_cpufreq_notifier,
    put,
    set_memory_region,
    set_nx_huge_pages,
    set_nx_huge_pages_fixed,
    vcpu_run,
)

from .worlds import TwoReferences, TwoVMs, close_vm0, explored

Task = Callable[[Any], object]

READERS_ONLY: tuple[Task, ...] = (set_memory_region, set_nx_huge_pages, vcpu_run, cpufreq_notifier)
FIVE: tuple[Task, ...] = (*READERS_ONLY, cpu_hotplug)
ONLINE: tuple[Task, ...] = (set_memory_region, set_nx_huge_pages, vcpu_run, cpu_online)


def swapped(tasks: tuple[Task, ...], old: Task, new: Task) -> tuple[Task, ...]:
    return tuple(new if task is old else task for task in tasks)


def without(tasks: tuple[Task, ...], task: Task) -> tuple[Task, ...]:
    return tuple(one for one in tasks if one is not task)


THROUGH_THE_CHAIN = swapped(FIVE, cpufreq_notifier, cpufreq_notifier_chain)
WITHOUT_HOTPLUG_LOCK = swapped(FIVE, cpufreq_notifier, kvmclock_cpufreq_notifier)


class ReaderPreferring(KvmWorld):
    def __init__(self) -> None:
        super().__init__(rwsem=ReaderPreferringRwsem)


@pytest.mark.parametrize(
    ("world", "tasks"),
    [
        pytest.param(KvmWorld, READERS_ONLY, id="readers only"),
        pytest.param(KvmWorld, swapped(READERS_ONLY, cpufreq_notifier, cpufreq_notifier_chain), id="with the chain"),
        pytest.param(ReaderPreferring, FIVE, id="semaphore that prefers readers"),
        pytest.param(KvmWorld, swapped(FIVE, set_nx_huge_pages, set_nx_huge_pages_fixed), id="rule, five tasks"),
        pytest.param(KvmWorld, swapped(ONLINE, set_nx_huge_pages, set_nx_huge_pages_fixed), id="rule, CPU online"),
        pytest.param(
            KvmWorld, swapped(THROUGH_THE_CHAIN, set_nx_huge_pages, set_nx_huge_pages_fixed), id="rule, with the chain"
        ),
        pytest.param(KvmWorld, WITHOUT_HOTPLUG_LOCK, id="notifier without hotplug lock"),
        *(pytest.param(KvmWorld, without(FIVE, task), id=f"five without {task.__name__}") for task in FIVE),
        *(pytest.param(KvmWorld, without(ONLINE, task), id=f"online without {task.__name__}") for task in ONLINE),
    ],
)
def test_no_deadlock(world: Callable[[], KvmWorld], tasks: tuple[Task, ...]) -> None:
    assert explored(world, *tasks).verdict == "proven"


@pytest.mark.parametrize(
    "tasks",
    [
        pytest.param(FIVE, id="five tasks"),
        pytest.param(THROUGH_THE_CHAIN, id="through the chain"),
        pytest.param(ONLINE, id="CPU online"),
    ],
)
def test_exactly_one_dead_state_in_which_everybody_waits(tasks: tuple[Task, ...]) -> None:
    found = explored(KvmWorld, *tasks)
    (deadlock,) = found.deadlocks
    assert not found.failures
    assert len(deadlock.waits) == len(tasks)
    assert len(set(deadlock.cycle)) == len(tasks)
    assert state_graph(Scenario(KvmWorld, *tasks)).kinds.count("dead") == 1


def test_who_waits_for_whom_with_a_pending_writer() -> None:
    (deadlock,) = explored(KvmWorld, *FIVE).deadlocks
    assert deadlock.waits == (
        ("set_memory_region", "vm0.srcu", ("vcpu_run",)),
        ("set_nx_huge_pages", "vm0.slots_lock", ("set_memory_region",)),
        ("vcpu_run", "cpu_hotplug_lock", ("cpu_hotplug",)),
        ("cpufreq_notifier", "kvm_lock", ("set_nx_huge_pages",)),
        ("cpu_hotplug", "cpu_hotplug_lock", ("cpufreq_notifier",)),
    )
    assert len(deadlock.schedule) == 8


def test_who_waits_for_whom_when_a_cpu_comes_online() -> None:
    (deadlock,) = explored(KvmWorld, *ONLINE).deadlocks
    assert deadlock.waits == (
        ("set_memory_region", "vm0.srcu", ("vcpu_run",)),
        ("set_nx_huge_pages", "vm0.slots_lock", ("set_memory_region",)),
        ("vcpu_run", "cpu_hotplug_lock", ("cpu_online",)),
        ("cpu_online", "kvm_lock", ("set_nx_huge_pages",)),
    )


@pytest.mark.parametrize("mem", [0, 1])
@pytest.mark.parametrize("vcpu", [0, 1])
def test_three_of_them_must_concern_one_vm(mem: int, vcpu: int) -> None:
    """The walker comes to every VM, so with two VMs the circle closes exactly when the other two share theirs."""
    tasks = (partial(set_memory_region, vm=mem), set_nx_huge_pages, partial(vcpu_run, vm=vcpu), cpu_online)
    found = explored(TwoVMs, *tasks)
    assert found.verdict == ("deadlock" if mem == vcpu else "proven")


def test_two_vms_of_which_one_closes_the_circle() -> None:
    tasks = (set_memory_region, set_nx_huge_pages, vcpu_run, partial(vcpu_run, vm=1), cpu_online)
    found = explored(TwoVMs, *tasks)
    assert found.verdict == "deadlock"
    assert all("vcpu_run(vm=1)" not in deadlock.cycle for deadlock in found.deadlocks)


class Governor(KvmWorld):
    """The frequency changes in a worker that holds no hotplug lock; a CPU that goes offline waits for the worker."""

    def __init__(self) -> None:
        super().__init__()
        self.worker_done = Completion()


def governor_worker(w: Governor) -> None:
    kvmclock_cpufreq_notifier(w)
    w.worker_done.complete()


def cpu_offline(w: Governor) -> None:
    with w.cpu_hotplug_lock.write():
        w.worker_done.wait()


def test_writer_that_waits_for_a_worker_closes_the_circle() -> None:
    found = explored(Governor, set_memory_region, set_nx_huge_pages, vcpu_run, governor_worker, cpu_offline)
    assert found.verdict == "deadlock"
    fixed = explored(Governor, set_memory_region, set_nx_huge_pages_fixed, vcpu_run, governor_worker, cpu_offline)
    assert fixed.verdict == "proven"


def test_rule_holds_while_the_vm_is_being_destroyed() -> None:
    def last_vcpu(w: KvmWorld) -> None:
        vcpu_run(w)
        put(w, w.vms[0])

    tasks = (set_nx_huge_pages_fixed, last_vcpu, close_vm0, cpufreq_notifier, cpu_hotplug)
    assert explored(TwoReferences, *tasks).verdict == "proven"


def test_forced_live_run_is_the_same_deadlock() -> None:
    (deadlock,) = explored(KvmWorld, *FIVE).deadlocks
    live = run(Scenario(KvmWorld, *FIVE), deadlock.schedule)
    assert live.deadlock is not None
    assert live.deadlock.waits == deadlock.waits


def test_both_searches_find_the_same() -> None:
    states, traces = (explored(KvmWorld, *ONLINE, by=by) for by in ("states", "traces"))
    assert states.deadlocks[0].waits == traces.deadlocks[0].waits
    assert len(states.deadlocks) == len(traces.deadlocks) == 1
