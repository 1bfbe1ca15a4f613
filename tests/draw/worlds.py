"""The five tasks of the circle, written out."""

from __future__ import annotations

from kvmlab import SRCU, Mutex, PercpuRwsem, Scenario


class World:
    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.slots_lock = Mutex()
        self.srcu = SRCU()
        self.cpu_hotplug_lock = PercpuRwsem()


def set_memory_region(w: World) -> None:
    with w.slots_lock:
        w.srcu.synchronize()


def set_nx_huge_pages(w: World) -> None:
    with w.kvm_lock, w.slots_lock:
        pass


def set_nx_huge_pages_by_the_rule(w: World) -> None:
    with w.kvm_lock:
        pass
    with w.slots_lock:
        pass


def vcpu_run(w: World) -> None:
    with w.srcu.read(), w.cpu_hotplug_lock.read():
        pass


def cpufreq_notifier(w: World) -> None:
    with w.cpu_hotplug_lock.read(), w.kvm_lock:
        pass


def cpu_hotplug(w: World) -> None:
    with w.cpu_hotplug_lock.write():
        pass


CIRCLE = Scenario(World, set_memory_region, set_nx_huge_pages, vcpu_run, cpufreq_notifier, cpu_hotplug)
BY_THE_RULE = Scenario(World, set_memory_region, set_nx_huge_pages_by_the_rule, vcpu_run, cpufreq_notifier, cpu_hotplug)


class TwoLocks:
    def __init__(self) -> None:
        self.a = Mutex()
        self.b = Mutex()


def ab(w: TwoLocks) -> None:
    with w.a, w.b:
        pass


def ba(w: TwoLocks) -> None:
    with w.b, w.a:
        pass


def again(w: TwoLocks) -> None:
    with w.a, w.a:
        pass


CROSSED = Scenario(TwoLocks, ab, ba)
ORDERED = Scenario(TwoLocks, ab, ab)


class Hotplug:
    def __init__(self) -> None:
        self.cpu_hotplug_lock = PercpuRwsem()
        self.srcu = SRCU()


def reads_twice(w: Hotplug) -> None:
    with w.cpu_hotplug_lock.read(), w.cpu_hotplug_lock.read():
        pass


def reads(w: Hotplug) -> None:
    with w.cpu_hotplug_lock.read():
        pass


def writes(w: Hotplug) -> None:
    with w.cpu_hotplug_lock.write():
        pass


def reads_and_synchronizes(w: Hotplug) -> None:
    with w.srcu.read():
        w.srcu.synchronize()


def synchronizes(w: Hotplug) -> None:
    w.srcu.synchronize()
