"""The machine that the paths run on: its global locks, its list of VMs, and the VMs themselves.

Contract
- Documented order: the hotplug lock (``cpus_read_lock()``) outside ``kvm_lock``.
- Proposed rule: inside ``kvm_lock`` take no other mutex.
- The VMs are made in order, each at the head of the list; so a walk meets the last one first. One reference to each is
  there, that of its file.

Left out: ``kvm_usage_lock``, ``vendor_module_lock``, ``kvm->lock`` and everything below it.

Models: virt/kvm/kvm_main.c (kvm_lock, vm_list), Linux 6.12; kernel/cpu.c (cpu_hotplug_lock), kernel/jump_label.c
(jump_label_mutex), Linux 7.3; for machines without constant TSC, where the cpufreq notifier is registered.
"""

from __future__ import annotations

from collections.abc import Callable

from kvmlab.kvm.lifetime import create_vm
from kvmlab.kvm.notifier import NotifierChain
from kvmlab.kvm.paths import kvmclock_cpufreq_notifier
from kvmlab.kvm.static_key import StaticKey
from kvmlab.kvm.vm import VM
from kvmlab.kvm.vm_list import VmList
from kvmlab.primitives import Mutex, PercpuRwsem, Shared


class KvmWorld:
    """A machine with some VMs.

    Args:
        vms: how many; they are called ``vm0``, ``vm1``, ….
        rwsem: what makes the hotplug lock; `ReaderPreferringRwsem` shows what it must not be.

    Attributes:
        kvm_lock: guards ``vm_list`` and the two counters.
        vm_list: all VMs.
        kvm_createvm_count, kvm_active_vms: how many were ever made, and how many there are.
        cpu_hotplug_lock: readers keep the set of CPUs as it is; a writer changes it.
        jump_label_mutex: serialises the switching of static keys.
        apic_hw_disabled: the key that a vCPU raises when its APIC is disabled.
        preempt_notifier_key: the key that every VM raises.
        cpufreq_chain: who is told of frequency changes.
        vms: the VMs made here, by number, also after they have been destroyed.
    """

    def __init__(self, vms: int = 1, rwsem: Callable[[], PercpuRwsem] = PercpuRwsem) -> None:
        self.kvm_lock = Mutex()
        self.vm_list = VmList()
        self.kvm_createvm_count = Shared(0)
        self.kvm_active_vms = Shared(0)
        self.cpu_hotplug_lock = rwsem()
        self.jump_label_mutex = Mutex()
        self.apic_hw_disabled = StaticKey(self.cpu_hotplug_lock, self.jump_label_mutex)
        self.preempt_notifier_key = StaticKey(self.cpu_hotplug_lock, self.jump_label_mutex)
        self.cpufreq_chain = NotifierChain()
        self.cpufreq_chain.register(kvmclock_cpufreq_notifier)
        self.vms: list[VM] = [create_vm(self, f"vm{number}") for number in range(vms)]
