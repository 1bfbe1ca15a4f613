"""The programs that are measured: the circle at kernel grain and as a reader writes it, two VMs, philosophers.

Lock orders. The walker takes `kvm_lock`, then `slots_lock`; the notifier the hotplug lock, then `kvm_lock`; a vCPU
enters `srcu`, then takes the hotplug lock; a memory update waits for `srcu` under `slots_lock`. Together they are the
circle.
"""

from __future__ import annotations

from functools import partial

from benchmarks import kvm5
from kvmlab import SRCU, Mutex, PercpuRwsem, Scenario
from kvmlab.scenario import TaskFunction


class VM:
    """What belongs to one VM."""

    def __init__(self) -> None:
        self.slots_lock = Mutex()
        self.srcu = SRCU()


class World:
    """The global locks and some VMs."""

    def __init__(self, vms: int = 1) -> None:
        self.kvm_lock = Mutex()
        self.cpu_hotplug_lock = PercpuRwsem()
        self.vms = [VM() for _ in range(vms)]


def set_memory_region(w: World, vm: int = 0) -> None:
    with w.vms[vm].slots_lock:
        w.vms[vm].srcu.synchronize()


def vcpu_run(w: World, vm: int = 0) -> None:
    with w.vms[vm].srcu.read(), w.cpu_hotplug_lock.read():
        pass


def nx_walk(w: World) -> None:
    with w.kvm_lock:
        for vm in w.vms:
            with vm.slots_lock:
                pass


def nx_walk_by_the_rule(w: World) -> None:
    for number in range(len(w.vms)):
        with w.kvm_lock:
            vm = w.vms[number]
        with vm.slots_lock:
            pass


def cpufreq_notifier(w: World) -> None:
    with w.cpu_hotplug_lock.read(), w.kvm_lock:
        pass


def cpu_hotplug(w: World) -> None:
    with w.cpu_hotplug_lock.write():
        pass


def circle(vcpus: int = 1, *, fixed: bool = False, hotplug: bool = True) -> Scenario:
    """The circle of one VM: five tasks that can deadlock, or the same with the rule applied, or with readers only."""
    walk = nx_walk_by_the_rule if fixed else nx_walk
    tasks = [set_memory_region, walk, *[vcpu_run] * vcpus, cpufreq_notifier, *[cpu_hotplug] * hotplug]
    name = "circle" if hotplug else "readers only"
    return Scenario(World, *tasks, name=f"{name}, fixed" if fixed else name)


def two_vms(*, fixed: bool = False, tasks: int = 7) -> Scenario:
    """Two VMs and seven tasks: a memory update and a vCPU for each, the walk over both, the notifier, a hotplug."""
    everybody = (
        partial(set_memory_region, vm=0),
        nx_walk_by_the_rule if fixed else nx_walk,
        partial(vcpu_run, vm=0),
        cpufreq_notifier,
        cpu_hotplug,
        partial(set_memory_region, vm=1),
        partial(vcpu_run, vm=1),
    )
    name = "two VMs, fixed" if fixed else "two VMs"
    return Scenario(partial(World, vms=2), *everybody[:tasks], name=name)


def written_circle(vcpus: int = 1, vms: int = 1, *, fixed: bool = False) -> Scenario:
    """The five tasks of `benchmarks.kvm5`; all `vcpus` are the first VM's, every further VM adds one and its update."""
    tasks: list[TaskFunction] = [*[kvm5.vcpu_run] * vcpus, kvm5.set_memory_region]
    for vm in range(1, vms):
        tasks += [partial(kvm5.vcpu_run, vm=vm), partial(kvm5.set_memory_region, vm=vm)]
    tasks += [kvm5.nx_walk_by_the_rule if fixed else kvm5.nx_walk, kvm5.cpufreq_notifier, kvm5.cpu_hotplug]
    return Scenario(partial(kvm5.World, vms), *tasks, name="kvm5, fixed" if fixed else "kvm5")


class Table:
    """Forks around a table."""

    def __init__(self, seats: int) -> None:
        self.forks = [Mutex() for _ in range(seats)]


def dine(w: Table, seat: int, *, ordered: bool) -> None:
    forks = [seat, (seat + 1) % len(w.forks)]
    first, second = sorted(forks) if ordered else forks
    with w.forks[first], w.forks[second]:
        pass


def philosophers(seats: int, *, ordered: bool = False) -> Scenario:
    """Philosophers who take the left fork first, or the lower one."""
    tasks = [partial(dine, seat=seat, ordered=ordered) for seat in range(seats)]
    return Scenario(partial(Table, seats), *tasks, name=f"{seats} philosophers{', ordered' if ordered else ''}")


class OneLock:
    """One mutex."""

    def __init__(self) -> None:
        self.lock = Mutex()


def lock_often(w: OneLock, times: int) -> None:
    lock = w.lock
    for _ in range(times):
        with lock:
            pass


def one_lock(tasks: int, times: int) -> Scenario:
    """Tasks that each take and release one mutex `times` times."""
    return Scenario(OneLock, *[partial(lock_often, times=times)] * tasks, name=f"{tasks} on one lock")
