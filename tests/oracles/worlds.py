"""The circle of the book at the grain of the kernel's primitives, and its variants (facts.md 4.4, table A to L)."""

from __future__ import annotations

from collections.abc import Callable

from kvmlab import SRCU, Completion, Mutex, PercpuRwsem, ReaderPreferringRwsem, Refcount, Scenario


class World:
    """One VM, `kvm_lock`, and the CPU hotplug lock."""

    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.slots_lock = Mutex()
        self.srcu = SRCU()
        self.cpu_hotplug_lock = PercpuRwsem()
        self.users_count = Refcount()
        self.worker_done = Completion()


class ReaderPreferring(World):
    """The same with a semaphore whose waiting writer blocks nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu_hotplug_lock = ReaderPreferringRwsem()


def set_memory_region(w: World) -> None:
    """MEM: waits for a grace period with slots_lock held."""
    with w.slots_lock:
        w.srcu.synchronize()


def set_nx_huge_pages(w: World) -> None:
    """NX: waits for slots_lock with kvm_lock held."""
    with w.kvm_lock, w.slots_lock:
        pass


def set_nx_huge_pages_by_the_rule(w: World) -> None:
    """NX, the rule applied: pin the VM, drop kvm_lock, lock, put."""
    with w.kvm_lock:
        pinned = w.users_count.inc_not_zero()
    if pinned:
        with w.slots_lock:
            pass
        w.users_count.dec_and_test()


def vcpu_run(w: World) -> None:
    """VCPU: waits for the hotplug lock inside an SRCU reader."""
    with w.srcu.read(), w.cpu_hotplug_lock.read():
        pass


def cpufreq_notifier(w: World) -> None:
    """FREQ-R: waits for kvm_lock as a reader of the hotplug lock."""
    with w.cpu_hotplug_lock.read(), w.kvm_lock:
        pass


def cpu_online(w: World) -> None:
    """FREQ-W: the notifier inside a CPU-online operation, the hotplug lock held for writing."""
    with w.cpu_hotplug_lock.write(), w.kvm_lock:
        pass


def cpu_hotplug(w: World) -> None:
    """HP: any CPU going on or off line."""
    with w.cpu_hotplug_lock.write():
        pass


def notifier_without_hotplug_lock(w: World) -> None:
    """A notifier that is called without the hotplug lock."""
    with w.kvm_lock:
        pass


def governor_worker(w: World) -> None:
    """A worker that takes kvm_lock without the hotplug lock, and says when it is done."""
    with w.kvm_lock:
        pass
    w.worker_done.complete()


def cpu_offline(w: World) -> None:
    """A CPU going off line: waits for the worker with the hotplug lock held for writing."""
    with w.cpu_hotplug_lock.write():
        w.worker_done.wait()


MEM, NX, FREQ, VCPU, HP = set_memory_region, set_nx_huge_pages, cpufreq_notifier, vcpu_run, cpu_hotplug
FIVE: tuple[Callable[[World], None], ...] = (MEM, NX, VCPU, FREQ, HP)

CONFIGURATIONS = {
    "A readers only": Scenario(World, MEM, NX, VCPU, FREQ),
    "B a writer waits": Scenario(World, *FIVE),
    "C the notifier inside CPU online": Scenario(World, MEM, NX, VCPU, cpu_online),
    "D B with a reader-preferring semaphore": Scenario(ReaderPreferring, *FIVE),
    "E B with the rule applied": Scenario(World, MEM, set_nx_huge_pages_by_the_rule, VCPU, FREQ, HP),
    "F C with the rule applied": Scenario(World, MEM, set_nx_huge_pages_by_the_rule, VCPU, cpu_online),
    "G B without MEM": Scenario(World, NX, VCPU, FREQ, HP),
    "H B without NX": Scenario(World, MEM, VCPU, FREQ, HP),
    "I B without FREQ": Scenario(World, MEM, NX, VCPU, HP),
    "J B without VCPU": Scenario(World, MEM, NX, FREQ, HP),
    "K the notifier holds no hotplug lock": Scenario(World, MEM, NX, VCPU, notifier_without_hotplug_lock, HP),
    "L CPU offline waits for a worker": Scenario(World, MEM, NX, VCPU, governor_worker, cpu_offline),
}
