"""The circle as a scenario: tasks one after another, in every order, and what lockdep says to each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations, groupby

import pytest

from kvmlab import Mutex, Scenario, explore, lockdep, run
from kvmlab.kvm import (
    KvmWorld,
    cpu_hotplug,
    cpu_online,
    cpufreq_notifier,
    cpufreq_notifier_chain,
    set_memory_region,
    set_nx_huge_pages,
    set_nx_huge_pages_fixed,
    vcpu_run,
)

Path = Callable[[KvmWorld], object]
MEM, NX, FREQ, VCPU = "set_memory_region", "set_nx_huge_pages", "cpufreq_notifier", "vcpu_run"
PATHS: tuple[Path, ...] = (set_memory_region, set_nx_huge_pages, cpufreq_notifier, vcpu_run)

# lockdep-measured.md, section 2: the circle that Linux 6.12.117 printed, by the path that came last.
CYCLES = {
    MEM: ("&vm->srcu", "cpu_hotplug_lock", "kvm_lock", "&vm->slots_lock", "&vm->srcu"),
    NX: ("&vm->slots_lock", "&vm->srcu", "cpu_hotplug_lock", "kvm_lock", "&vm->slots_lock"),
    FREQ: ("kvm_lock", "&vm->slots_lock", "&vm->srcu", "cpu_hotplug_lock", "kvm_lock"),
    VCPU: ("cpu_hotplug_lock", "kvm_lock", "&vm->slots_lock", "&vm->srcu", "cpu_hotplug_lock"),
}
CHAINS = {
    MEM: ("&vm->srcu", "kvm_lock", "&vm->slots_lock"),
    NX: ("&vm->slots_lock", "cpu_hotplug_lock", "kvm_lock"),
    FREQ: ("kvm_lock", "&vm->srcu", "cpu_hotplug_lock"),
    VCPU: ("cpu_hotplug_lock", "&vm->slots_lock", "&vm->srcu"),
}
VERBS = {MEM: ("lock", "sync"), NX: ("lock", "lock"), FREQ: ("rlock", "lock"), VCPU: ("rlock", "rlock")}


def circle(*paths: Path, vms: int = 1) -> Scenario:
    return Scenario(partial(KvmWorld, vms), *(paths or PATHS), name="circle")


@pytest.mark.parametrize("linux", ["6.12", "complete"])
def test_all_24_orders_report_at_the_last_path_what_the_kernel_printed(linux: str) -> None:
    orders = lockdep(circle(), linux, order="every")
    assert (len(orders), orders.verdict) == (24, "reported")
    for order, history in orders.histories.items():
        last = order[-1]
        assert (history.at, history.reporter) == (4, last)
        assert history.cycle == CYCLES[last]
        assert history.report is not None
        assert history.report.chain_exists == CHAINS[last]
        assert (history.report.scenario[0].verb, history.report.scenario[-1].verb) == VERBS[last]


def test_it_needs_neither_a_deadlock_nor_concurrency() -> None:
    """Readers only: no schedule of the four deadlocks, and each ran alone; a waiting writer would close the circle."""
    history = lockdep(circle())
    assert (history.verdict, history.deadlock, history.finished) == ("reported", None, True)
    assert [task for task, _ in groupby(history.schedule, key=lambda step: step.task)] == [MEM, NX, FREQ, VCPU]
    assert "a writer must be waiting there as well" in str(history)
    assert str(history).endswith("No deadlock happened; this one could.")
    assert explore(circle()).verdict == "proven"
    assert explore(circle(*PATHS, cpu_hotplug)).verdict == "deadlock"


@pytest.mark.parametrize("linux", ["6.12", "complete"])
@pytest.mark.parametrize("three", list(combinations(PATHS, 3)))
def test_any_three_of_the_four_are_silent(three: tuple[Path, ...], linux: str) -> None:
    assert lockdep(circle(*three), linux, order="every").verdict == "silent"


@pytest.mark.parametrize("linux", ["6.1", "6.12", "complete"])
def test_the_rule_applied_is_silent_in_every_order(linux: str) -> None:
    fixed = circle(set_memory_region, set_nx_huge_pages_fixed, cpufreq_notifier, vcpu_run, cpu_hotplug, vms=2)
    assert lockdep(fixed, linux, order="every").verdict == "silent"


def test_6_1_does_not_see_the_wait_for_readers() -> None:
    assert lockdep(circle(), "6.1", order="every").verdict == "silent"


def test_a_different_vm_each_is_reported_too_because_lockdep_sees_classes() -> None:
    """vm-A1_D1_B0: the walk stops at vm0, memslots and vCPU belong to vm1."""

    def walk_vm0(w: KvmWorld) -> None:
        with w.kvm_lock, w.vms[0].slots_lock:
            pass

    paths = (partial(set_memory_region, vm=1), walk_vm0, cpufreq_notifier, partial(vcpu_run, vm=1), cpu_hotplug)
    scenario = circle(*paths, vms=2)
    assert lockdep(scenario, "6.12").verdict == "reported"
    assert explore(scenario).verdict == "proven"


@pytest.mark.parametrize("notifier", [cpufreq_notifier, cpu_online])
def test_the_notifier_may_hold_the_hotplug_lock_as_reader_or_as_writer(notifier: Path) -> None:
    history = lockdep(circle(set_memory_region, set_nx_huge_pages, notifier, vcpu_run), "6.12")
    assert history.verdict == "reported"


class TestThroughTheNotifierChain:
    """The real cpufreq path: an SRCU reader between the hotplug lock and kvm_lock (hole-seed_Csr)."""

    paths = (set_memory_region, set_nx_huge_pages, cpufreq_notifier_chain, vcpu_run)

    def test_6_12_is_silent_in_every_order(self) -> None:
        assert lockdep(circle(*self.paths), "6.12", order="every").verdict == "silent"

    def test_complete_reports_in_every_order_at_the_last_path(self) -> None:
        orders = lockdep(circle(*self.paths), "complete", order="every")
        assert {(history.verdict, history.at) for history in orders.histories.values()} == {("reported", 4)}

    def test_6_12_is_silent_while_five_tasks_hang(self) -> None:
        """real8-stock: silent, armed, a permanent hang."""
        scenario = circle(*self.paths, cpu_hotplug)
        found = explore(scenario)
        assert found.verdict == "deadlock"
        history = lockdep(scenario, "6.12", order=found.shortest)
        assert (history.verdict, history.finished) == ("silent", False)
        assert history.deadlock is not None
        assert history.deadlock.waits == found.deadlocks[0].waits
        assert "silent (Linux 6.12), and the tasks hang." in str(history)

    def test_complete_speaks_before_the_same_tasks_hang(self) -> None:
        scenario = circle(*self.paths, cpu_hotplug)
        history = lockdep(scenario, "complete", order=explore(scenario).shortest)
        assert history.verdict == "reported"
        assert "This history does not end: no task can move." in str(history)


def test_a_lockdep_that_only_reports_after_the_fact_would_be_too_late() -> None:
    """Along the deadlock, the last request that closes the circle is announced before it waits."""
    scenario = circle(*PATHS, cpu_hotplug)
    history = lockdep(scenario, order=explore(scenario).shortest)
    assert (history.verdict, history.finished) == ("reported", False)


def test_the_same_text_every_time() -> None:
    first, second = (str(lockdep(circle(), order="every")) + str(lockdep(circle())) for _ in range(2))
    assert first == second


def test_what_the_world_itself_takes_is_not_told() -> None:
    """KvmWorld makes its VMs under kvm_lock and the hotplug lock, before any task."""
    assert len(lockdep(circle(cpu_hotplug)).graph) == 0


def test_a_world_that_raises_is_the_scenarios_error() -> None:
    def world() -> Mutex:
        raise OSError("no")

    with pytest.raises(Exception, match=r"world\(\) raised OSError: no"):
        lockdep(Scenario(world, lambda w: None))


def test_run_and_explore_know_nothing_of_lockdep() -> None:
    assert run(circle(set_memory_region)).verdict == "finished"
