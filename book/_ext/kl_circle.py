"""The circle that the landing page shows: five tasks that chapter 6 builds one by one."""
# ruff: noqa: SIM117  nested as in the chapter

from kvmlab import SRCU, Mutex, PercpuRwsem, Scenario


class World:
    """One VM, `kvm_lock`, and the lock of CPU hotplug."""

    def __init__(self):
        self.kvm_lock = Mutex()
        self.slots_lock = Mutex()
        self.srcu = SRCU()
        self.cpu_hotplug_lock = PercpuRwsem()


def set_memory_region(w):
    with w.slots_lock:
        w.srcu.synchronize()


def set_nx_huge_pages(w):
    with w.kvm_lock:
        with w.slots_lock:
            pass


def cpufreq_notifier(w):
    with w.cpu_hotplug_lock.read():
        with w.kvm_lock:
            pass


def vcpu_run(w):
    with w.srcu.read():
        with w.cpu_hotplug_lock.read():
            pass


def cpu_hotplug(w):
    with w.cpu_hotplug_lock.write():
        pass


circle = Scenario(
    World, set_memory_region, set_nx_huge_pages, cpufreq_notifier, vcpu_run, cpu_hotplug, name="the circle"
)
