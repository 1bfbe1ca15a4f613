"""The kernel-grain verdicts of EXPLORING.md and facts.md 4.4, over all schedules."""

from __future__ import annotations

import functools

import pytest

from kvmlab import SRCU, Mutex, PercpuRwsem, Scenario, explore, replay, run
from kvmlab.states import StateSpace
from kvmlab.verdict import Exploration
from tests.oracles.brute import dead_states, every_state
from tests.oracles.worlds import CONFIGURATIONS, FIVE, World

B = CONFIGURATIONS["B a writer waits"]
C = CONFIGURATIONS["C the notifier inside CPU online"]
DEADLOCKS = {"B", "C", "L"}


@pytest.mark.parametrize("by", ["states", "traces"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_table_of_the_dossier(name: str, by: str) -> None:
    """B, C and L deadlock, each in exactly one way; the other nine do not in any schedule."""
    found = explore(CONFIGURATIONS[name], by=by)
    assert found.verdict == ("deadlock" if name[0] in DEADLOCKS else "proven")
    assert len(found.deadlocks) == (name[0] in DEADLOCKS)


SLOW = {"B a writer waits", "E B with the rule applied"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CONFIGURATIONS]
)
def test_a_search_that_only_merges_histories_counts_the_same(name: str) -> None:
    """States, schedules, deadlocked schedules and dead states."""
    truth, states = every_state(CONFIGURATIONS[name])
    found = explore(CONFIGURATIONS[name], by="states")
    assert (found.states, found.schedules, found.deadlocked) == (states, truth.schedules, truth.deadlocked)
    assert dead_states(StateSpace(CONFIGURATIONS[name], 10**6)) == truth.dead


def test_with_a_waiting_writer_there_is_one_dead_state() -> None:
    """4,126 states, 252,000,010 schedules, the shortest deadlock takes 7 operations; all five tasks are blocked."""
    found = explore(B)
    assert (found.states, found.schedules) == (4_126, 252_000_010)
    assert len(StateSpace(B, 10**6).dead) == 1
    (deadlock,) = found.deadlocks
    assert found.shortest == deadlock.schedule
    assert len(deadlock.schedule) == 7
    assert deadlock.waits == (
        ("set_memory_region", "srcu", ("vcpu_run",)),
        ("set_nx_huge_pages", "slots_lock", ("set_memory_region",)),
        ("vcpu_run", "cpu_hotplug_lock", ("cpu_hotplug",)),
        ("cpufreq_notifier", "kvm_lock", ("set_nx_huge_pages",)),
        ("cpu_hotplug", "cpu_hotplug_lock", ("cpufreq_notifier",)),
    )
    assert set(deadlock.cycle) == {task.__name__ for task in FIVE}


def test_every_prefix_of_the_circle_is_needed() -> None:
    """The shortest deadlock is closed by its last operation; one earlier, somebody can still move."""
    schedule = explore(B).deadlocks[0].replay
    assert replay(B, schedule).verdict == "deadlock"
    assert replay(B, schedule.rpartition("-")[0]).verdict == "not finished"
    assert run(B, schedule).verdict == "deadlock"


def test_inside_cpu_online_four_actors_are_enough() -> None:
    """One dead state; the vcpu waits for a writer that holds the lock."""
    found = explore(C)
    (deadlock,) = found.deadlocks
    assert len(StateSpace(C, 10**6).dead) == 1
    assert [wait.holders for wait in deadlock.waits] == [
        ("vcpu_run",), ("set_memory_region",), ("cpu_online",), ("set_nx_huge_pages",)
    ]  # fmt: skip
    assert deadlock.reasons["vcpu_run"] == "cpu_online holds it for writing"


@pytest.mark.parametrize("scenario", [B, C, CONFIGURATIONS["L CPU offline waits for a worker"]], ids="BCL")
def test_every_actor_is_necessary(scenario: Scenario) -> None:
    """Leave out any one of them, and no schedule deadlocks on the circle."""
    for left_out in scenario.tasks:
        rest = [task for task in scenario.tasks if task is not left_out]
        found = explore(Scenario(scenario.world, *rest))
        if left_out.__name__ == "governor_worker":  # then nobody ever completes what cpu_offline waits for
            assert {wait.task for wait in found.deadlocks[0].waits} <= {"cpu_offline", *(t.__name__ for t in rest)}
        else:
            assert found.verdict == "proven", left_out


def test_when_cpu_offline_waits_for_a_worker_no_arrow_names_it() -> None:
    """Configuration L: all five are blocked, and the completion has no owner to point at."""
    (deadlock,) = explore(CONFIGURATIONS["L CPU offline waits for a worker"]).deadlocks
    assert len(deadlock.waits) == 5
    assert deadlock.waits[4] == ("cpu_offline", "worker_done", ())
    assert deadlock.reasons["cpu_offline"] == "nobody has completed it"
    assert deadlock.cycle == ()


def test_the_order_of_the_tasks_does_not_matter() -> None:
    """States, schedules and verdict are the same in every rotation of the five."""
    for first in range(5):
        found = explore(Scenario(World, *FIVE[first:], *FIVE[:first]))
        assert (found.verdict, found.states, found.schedules, found.deadlocked) == ("deadlock", 4_126, 252_000_010, 245)


class VM:
    """What belongs to one VM."""

    def __init__(self) -> None:
        self.slots_lock = Mutex()
        self.srcu = SRCU()


class TwoVMs:
    """Two VMs; `kvm_lock` and the hotplug lock are shared."""

    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.cpu_hotplug_lock = PercpuRwsem()
        self.vms = [VM(), VM()]


def mem(w: TwoVMs, vm: int) -> None:
    with w.vms[vm].slots_lock:
        w.vms[vm].srcu.synchronize()


def vcpu(w: TwoVMs, vm: int) -> None:
    with w.vms[vm].srcu.read(), w.cpu_hotplug_lock.read():
        pass


def nx(w: TwoVMs, walks: tuple[int, ...]) -> None:
    with w.kvm_lock:
        for vm in walks:
            with w.vms[vm].slots_lock:
                pass


def two_vms(mem_vm: int, vcpu_vm: int, walks: tuple[int, ...]) -> Exploration:
    part = functools.partial
    tasks = (part(mem, vm=mem_vm), part(nx, walks=walks), part(vcpu, vm=vcpu_vm), *FIVE[3:])
    return explore(Scenario(TwoVMs, *tasks))


@pytest.mark.parametrize("walks", [(0,), (1,), (0, 1), (1, 0)])
def test_with_two_vms_three_of_the_tasks_must_concern_the_same(walks: tuple[int, ...]) -> None:
    """The region and the vcpu of different VMs: no deadlock. Of the same VM that the walk visits: deadlock."""
    assert two_vms(0, 1, walks).verdict == "proven"
    assert two_vms(1, 0, walks).verdict == "proven"
    for vm in (0, 1):
        assert two_vms(vm, vm, walks).verdict == ("deadlock" if vm in walks else "proven")
