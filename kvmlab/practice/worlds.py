"""Worlds of the exercises, as the notebooks import them and as the checks use them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kvmlab import threading
from kvmlab.errors import LockError
from kvmlab.kvm import VM, KvmWorld, StaticKey, VmList
from kvmlab.operation import Fault, Operation, Resource, Task, perform
from kvmlab.practice.ending import Unmet
from kvmlab.primitives import SRCU, Completion, Mutex, PercpuRwsem, Refcount, Shared, SpinLock
from kvmlab.primitives.assert_held import ASSERT_HELD
from kvmlab.verdict import plural

Names = tuple[str, ...]


def throw_away(zapped: Names, task: Task, vm: str) -> tuple[Names, None]:
    """The VM's page tables are thrown away."""
    return tuple(sorted({*zapped, vm})), None


def look_zapped(zapped: Names, task: Task) -> tuple[Names, Names]:
    """The VMs whose page tables have been thrown away."""
    return zapped, zapped


ZAP = Operation("zap", throw_away, effect_text="always: the VM's page tables are thrown away")
LOOK_ZAPPED = Operation(
    "look", look_zapped, reads=lambda result: True, effect_text="always: result whose page tables are thrown away"
)


class TablesZapped(Resource):
    """The VMs whose page tables have been thrown away. Value: their names, in order."""

    operations = (ZAP, LOOK_ZAPPED)

    def __init__(self) -> None:
        super().__init__(())


class NxHost(KvmWorld):
    """A host whose parameter ``nx_huge_pages`` has just changed: every VM's page tables must be thrown away.

    Args:
        vms: how many VMs there are; they are called ``vm0``, ``vm1``, ….

    Attributes:
        zapped: whose page tables have been thrown away; for the checks.
    """

    def __init__(self, vms: int = 2) -> None:
        super().__init__(vms)
        self.zapped = TablesZapped()

    def zap(self, vm: VM) -> None:
        """Throw away the page tables of `vm` (``kvm_mmu_zap_all_fast()``).

        Raises:
            LockError: the caller does not hold ``vm.slots_lock``.
        """
        perform(vm.slots_lock, ASSERT_HELD, Mutex)
        perform(self.zapped, ZAP, vm.name)


class Account:
    """An account of chapter 1's bank.

    Attributes:
        number: accounts have different ones.
        lock: guards `balance`.
        balance: how much money there is.
    """

    def __init__(self, number: int, balance: int) -> None:
        self.number = number
        self.lock = threading.Lock()
        self.balance = balance


class Bank:
    """Three accounts: number 1 is Anna's, number 2 is Ben's, number 3 is Cleo's."""

    def __init__(self) -> None:
        self.anna = Account(1, 10)
        self.ben = Account(2, 10)
        self.cleo = Account(3, 10)


def audit(bank: Bank) -> None:
    """Count all money, with every account locked in the order of the numbers.

    Raises:
        AssertionError: some is missing, or too much.
    """
    with bank.anna.lock, bank.ben.lock, bank.cleo.lock:
        total = bank.anna.balance + bank.ben.balance + bank.cleo.balance
    assert total == 30, f"the audit counts {total}, not 30"


class Hall:
    """Chapter 2: a hall with a door, and the key of a cabinet that stands in it."""

    def __init__(self) -> None:
        self.hall = PercpuRwsem()
        self.key = Mutex()


def guide(w: Hall) -> None:
    """Comes into the hall, and in there takes the key for a moment."""
    with w.hall.read(), w.key:
        pass


def warden(w: Hall) -> None:
    """Has the key, and looks into the hall for a moment."""
    with w.key, w.hall.read():
        pass


def painter(w: Hall) -> None:
    """Wants the hall for itself."""
    with w.hall.write():
        pass


class Room:
    """Chapter 2: a room behind a reader/writer lock.

    Args:
        kind: what makes the lock.
    """

    def __init__(self, kind: Callable[[], Any]) -> None:
        self.lock = kind()
        self.here = Shared(None)
        self.first = Completion()
        self.second = Completion()


class Pages:
    """Chapter 2: two cells that must always be equal, and the lock that guards them.

    Args:
        kind: what makes the lock.
    """

    def __init__(self, kind: Callable[[], Any]) -> None:
        self.lock = kind()
        self.left = Shared(0)
        self.right = Shared(0)


ANSWER = 42
"""What `Lookups.make` makes."""


class Lookups:
    """Chapter 2: a value that takes long to make, and is kept.

    Args:
        value: what is kept at the beginning; None if nothing is.

    Attributes:
        sem: guards `value`.
        made: how often the value was made.
        found: for the checks.
    """

    def __init__(self, value: int | None = None) -> None:
        self.sem = PercpuRwsem()
        self.value = Shared(value)
        self.made = Shared(0)
        self.found = Completion()

    def make(self) -> int:
        """Make the value. It takes long."""
        self.made.store(self.made.load() + 1)
        return ANSWER


class Daemon:
    """Chapter 4: a program whose settings are read under SRCU and changed under a lock."""

    def __init__(self) -> None:
        self.lock = Mutex()
        self.srcu = SRCU()


def saves(w: Daemon) -> None:
    """Changes the settings: waits for the readers under the lock."""
    with w.lock:
        w.srcu.synchronize()


def reads(w: Daemon) -> None:
    """Reads the settings, and leaves."""
    with w.srcu.read():
        pass


def logs(w: Daemon) -> None:
    """Reads the settings, and in there takes the lock."""
    with w.srcu.read(), w.lock:
        pass


Rules = tuple[str, ...]


Freed = tuple[Rules, ...]


def put_away(freed: Freed, task: Task, rules: Rules) -> tuple[Freed, None]:
    """The rules are freed, once more if they were already."""
    return tuple(sorted((*freed, rules))), None


def look_up(freed: Freed, task: Task, rules: Rules) -> tuple[Freed, Any]:
    """Nothing changes; an error if the rules are freed."""
    if rules in freed:
        return freed, Fault(LockError, "{task} uses rules that have been freed.")
    return freed, None


def look(freed: Freed, task: Task) -> tuple[Freed, Freed]:
    """Every version that has been freed, as often as it was."""
    return freed, freed


FREE_RULES = Operation("free", put_away, effect_text="always: the rules are freed")
USE_RULES = Operation("use", look_up, reads=lambda result: True, effect_text="always: an error if the rules are freed")
LOOK_FREED = Operation("look", look, reads=lambda result: True, effect_text="always: result what has been freed")


class RulesFreed(Resource):
    """The rules that have been freed. Value: they, in order; one that was freed twice is there twice."""

    operations = (FREE_RULES, USE_RULES, LOOK_FREED)

    def __init__(self) -> None:
        super().__init__(())


class Firewall:
    """Chapter 4: a firewall with versions of its rules; a version is a tuple of names.

    Attributes:
        lock: held by whoever changes the rules, and for a moment by each packet.
        srcu: packets are readers of it while they use rules.
        active: the version in force.
    """

    def __init__(self) -> None:
        self.lock = Mutex()
        self.srcu = SRCU()
        self.active = Shared(("no spam",))
        self.freed = RulesFreed()

    def use(self, rules: Rules) -> None:
        """Look a packet up in `rules`.

        Raises:
            LockError: they have been freed.
        """
        perform(self.freed, USE_RULES, rules)

    def free(self, rules: Rules) -> None:
        """Free a version."""
        perform(self.freed, FREE_RULES, rules)

    def all_freed(self) -> Freed:
        """What has been freed."""
        return tuple(perform(self.freed, LOOK_FREED))


def packet(w: Firewall) -> None:
    """A packet comes: it is counted, which needs the lock, and looked up."""
    with w.srcu.read():
        rules = w.active.load()
        with w.lock:
            pass  # one packet more
        w.use(rules)


class PutHost(KvmWorld):
    """Chapter 3: a host with a driver, which has a mutex and a spinlock of its own.

    Attributes:
        irq_lock: the driver's mutex; `set_irqs` takes it inside ``kvm_lock``.
        stats_lock: the driver's spinlock.
    """

    def __init__(self) -> None:
        super().__init__(1)
        self.irq_lock = Mutex()
        self.stats_lock = SpinLock()


def set_irqs(w: PutHost) -> None:
    """The driver tells every VM something."""
    with w.kvm_lock, w.irq_lock:
        pass


class Registry:
    """Chapter 3: a list of VMs, and how many are on it; ``kvm_lock`` guards both.

    Attributes:
        active: how many VMs are on the list.
        sent: how many reports have been sent.
        report: the names in the last one.
    """

    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.vm_list = VmList()
        self.vms = [VM("vm0"), VM("vm1")]
        self.newcomer = VM("vm2")
        for vm in self.vms:
            self.vm_list.add(vm)
        self.active = Shared(2)
        self.sent = Shared(0)
        self.report = Shared(())

    def how_many(self) -> int:
        """Return how many VMs there are.

        Raises:
            LockError: the caller does not hold ``kvm_lock``.
        """
        perform(self.kvm_lock, ASSERT_HELD, Mutex)
        return int(self.active.load())

    def send(self, names: Iterable[str], active: int) -> None:
        """Send a report: the names on the list, and how many there are. To have memory for it may take ``kvm_lock``.

        Raises:
            Unmet: the list and the number do not belong together.
        """
        with self.kvm_lock:
            pass  # the shrinker
        listed = sorted(map(str, names))
        if len(listed) != active:
            raise Unmet(
                "do not match",
                f"The report has {plural(len(listed), 'name')} and says that {active} are active: it never was so.",
            )
        self.sent.store(self.sent.load() + 1)
        self.report.store(tuple(listed))


class TwoVMs:
    """Chapter 6: a machine with two VMs, ``vms[0]`` and ``vms[1]``; each has `slots_lock` and `srcu` of its own."""

    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.cpu_hotplug_lock = PercpuRwsem()
        self.cpu_add_remove_lock = Mutex()
        self.vms = [VM("vm0"), VM("vm1")]


class Keyed:
    """Chapter 6: one VM's memory slots, and a static key that counts vCPUs.

    Attributes:
        slots: the version of the slots that readers of `srcu` use.
        key: the count; it may change only while no CPU comes or goes.
        freed, used: by version, whether it has been freed, and whether a vCPU has used it.
    """

    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.slots_lock = Mutex()
        self.srcu = SRCU()
        self.cpu_hotplug_lock = PercpuRwsem()
        self.slots = Shared("old")
        self.key = Shared(0)
        self.freed = {"old": Shared(False), "new": Shared(False)}
        self.used = Shared(False)

    def use(self, slots: str) -> None:
        """Use this version of the slots.

        Raises:
            Unmet: it has been freed.
        """
        if self.freed[slots].load():
            raise Unmet("freed slots", f"The {slots} slots are used after they were freed.")
        self.used.store(True)


class CheckedKey(StaticKey):
    """A static key whose ``_cpuslocked`` variant checks that its caller holds the hotplug lock, like the kernel's."""

    def slow_inc_cpuslocked(self) -> None:
        """Add one.

        Raises:
            LockError: the caller does not hold the hotplug lock.
        """
        perform(self.cpu_hotplug_lock, ASSERT_HELD, PercpuRwsem)
        super().slow_inc_cpuslocked()


class Feature:
    """Chapter 5: a feature that is switched on by a static key, for as long as it has users.

    Attributes:
        kvm_lock: somebody takes it inside the hotplug lock.
        cpu_hotplug_lock: readers keep the set of CPUs as it is.
        usage_lock: a mutex that nobody uses yet.
        key: on while there are users.
        users: how many there are.
    """

    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.cpu_hotplug_lock = PercpuRwsem()
        self.jump_label_mutex = Mutex()
        self.usage_lock = Mutex()
        self.key = CheckedKey(self.cpu_hotplug_lock, self.jump_label_mutex)
        self.users = Shared(0)


def notify(w: Feature) -> None:
    """A frequency changes: the hotplug lock is read, and inside it ``kvm_lock`` is taken."""
    with w.cpu_hotplug_lock.read(), w.kvm_lock:
        pass


def cpu_hotplug(w: Feature) -> None:
    """A CPU comes or goes."""
    with w.cpu_hotplug_lock.write():
        pass


class BringUp:
    """Chapter 5: a CPU is brought up by one task, and its callbacks run in a thread of its own."""

    def __init__(self) -> None:
        self.kvm_lock = Mutex()
        self.cpu_hotplug_lock = PercpuRwsem()
        self.jump_label_mutex = Mutex()
        self.key = StaticKey(self.cpu_hotplug_lock, self.jump_label_mutex)
        self.kick = Completion()
        self.done = Completion()


def control_task(w: BringUp) -> None:
    """Brings the CPU up, and waits until its callbacks have run."""
    with w.cpu_hotplug_lock.write():
        w.kick.complete()
        w.done.wait()


def cpuhp_thread(w: BringUp) -> None:
    """Runs the callback of KVM on the new CPU."""
    w.kick.wait()
    with w.kvm_lock:
        pass
    w.done.complete()


def load_vendor(w: BringUp) -> None:
    """Loads a module, and switches a key under ``kvm_lock``."""
    with w.kvm_lock:
        w.key.slow_inc()


class Driver:
    """Chapter 10: what the functions of a driver share."""

    def __init__(self) -> None:
        self.list_lock = Mutex()
        self.group_lock = Mutex()
        self.stats_lock = Mutex()
        self.srcu = SRCU()


class Sensor:
    """Chapter 10: a sensor, and a worker that takes a sample.

    Attributes:
        lock: guards `running` and `samples`.
        running: whether samples are wanted still.
        samples: how many have been taken.
        done: completed when the worker is done.
        buffer: where a sample goes; ``None`` when it has been freed.
    """

    def __init__(self) -> None:
        self.lock = Mutex()
        self.running = Shared(True)
        self.samples = Shared(0)
        self.done = Completion()
        self.buffer = Shared("a buffer")

    def take_sample(self) -> None:
        """Take a sample and count it.

        Raises:
            Unmet: the buffer has been freed.
        """
        if self.buffer.load() is None:
            raise Unmet("freed buffer", "A sample is taken into a buffer that has been freed.")
        self.samples.store(self.samples.load() + 1)

    def free_buffer(self) -> None:
        """Free the buffer.

        Raises:
            Unmet: it has been freed before.
        """
        if self.buffer.load() is None:
            raise Unmet("freed twice", "The buffer is freed twice.")
        self.buffer.store(None)


class ApicPage:
    """Chapter 10: a VM with a memory slot that nobody but KVM sees.

    Attributes:
        slots_lock: held by whoever changes the slots.
        srcu: vCPUs are readers of it while they use them.
        page: whether the slot is there.
        served: one more than the number of times that a guest was served.
    """

    def __init__(self) -> None:
        self.slots_lock = Mutex()
        self.srcu = SRCU()
        self.page = Shared(True)
        self.served = Refcount(1)

    def remove_page(self) -> None:
        """Remove the slot, and wait until no vCPU uses it.

        Raises:
            LockError: the caller does not hold `slots_lock`.
            Unmet: it is not there.
        """
        perform(self.slots_lock, ASSERT_HELD, Mutex)
        if not self.page.load():
            raise Unmet("removed twice", "The page is removed twice.")
        self.page.store(False)
        self.srcu.synchronize()

    def emulate(self) -> None:
        """Serve what the guest has asked for.

        Raises:
            LockError: the caller is no reader of `srcu`.
            Unmet: the page is still there.
        """
        perform(self.srcu, ASSERT_HELD, SRCU)
        if self.page.load():
            raise Unmet("served early", "The guest is served while the page is still there.")
        self.served.inc()
