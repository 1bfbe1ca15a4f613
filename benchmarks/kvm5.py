"""The circle as a reader writes it: SRCU and the hotplug lock built on `threading.Condition`, nothing of kvmlab's.

This one file is what every peer written in Python runs, too: there the name `threading` is the standard library's.

Lock orders. The walker takes `kvm_lock`, then `slots_lock`; the notifier the hotplug lock, then `kvm_lock`; a vCPU
enters `srcu`, then takes the hotplug lock; a memory update waits for `srcu` under `slots_lock`. Together they are the
circle, once a CPU hotplug waits to write.
"""

from __future__ import annotations

from kvmlab import threading


class SRCU:
    """Sleepable RCU: an index that grace periods flip, and a count of the readers of either."""

    def __init__(self) -> None:
        self.cond = threading.Condition(threading.Lock())
        self.idx = 0
        self.readers = [0, 0]
        self.grace_period = threading.Lock()

    def read_lock(self) -> int:
        with self.cond:
            idx = self.idx
            self.readers[idx] += 1
            return idx

    def read_unlock(self, idx: int) -> None:
        with self.cond:
            self.readers[idx] -= 1
            if self.readers[idx] == 0:
                self.cond.notify_all()

    def synchronize(self) -> None:
        with self.grace_period, self.cond:
            idx = self.idx
            self.idx = 1 - idx
            while self.readers[idx]:
                self.cond.wait()


class Rwsem:
    """A reader/writer semaphore: a waiting writer blocks new readers."""

    def __init__(self) -> None:
        self.cond = threading.Condition(threading.Lock())
        self.readers = 0
        self.writer = False

    def read_lock(self) -> None:
        with self.cond:
            while self.writer:
                self.cond.wait()
            self.readers += 1

    def read_unlock(self) -> None:
        with self.cond:
            self.readers -= 1
            if self.readers == 0:
                self.cond.notify_all()

    def write_lock(self) -> None:
        with self.cond:
            while self.writer:
                self.cond.wait()
            self.writer = True
            while self.readers:
                self.cond.wait()

    def write_unlock(self) -> None:
        with self.cond:
            self.writer = False
            self.cond.notify_all()


class VM:
    """What belongs to one VM."""

    def __init__(self) -> None:
        self.slots_lock = threading.Lock()
        self.srcu = SRCU()


class World:
    """The global locks and some VMs."""

    def __init__(self, vms: int = 1) -> None:
        self.kvm_lock = threading.Lock()
        self.cpu_hotplug_lock = Rwsem()
        self.vms = [VM() for _ in range(vms)]


def vcpu_run(w: World, vm: int = 0) -> None:
    idx = w.vms[vm].srcu.read_lock()
    w.cpu_hotplug_lock.read_lock()
    w.cpu_hotplug_lock.read_unlock()
    w.vms[vm].srcu.read_unlock(idx)


def set_memory_region(w: World, vm: int = 0) -> None:
    with w.vms[vm].slots_lock:
        w.vms[vm].srcu.synchronize()


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
    w.cpu_hotplug_lock.read_lock()
    with w.kvm_lock:
        pass
    w.cpu_hotplug_lock.read_unlock()


def cpu_hotplug(w: World) -> None:
    w.cpu_hotplug_lock.write_lock()
    w.cpu_hotplug_lock.write_unlock()
