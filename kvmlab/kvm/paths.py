"""The paths of the patch: what user space, a guest and the machine make the kernel do, one task each.

Contract
- Every path is a task: a function of the world. Where it concerns one VM, ``vm`` is its position in ``w.vms``;
  ``functools.partial(vcpu_run, vm=1)`` is the same task on another VM.
- `set_memory_region` waits for a grace period of ``vm.srcu`` while it holds ``vm.slots_lock``.
- `vcpu_run` waits for the hotplug lock, as a reader, inside a reader of ``vm.srcu``.
- `cpufreq_notifier` waits for ``kvm_lock`` while it is a reader of the hotplug lock; `cpufreq_notifier_chain` does so
  through the notifier chain, which is an SRCU reader in between; `cpu_online` does so as the *writer*.
- `cpu_hotplug` is only a writer: it waits for the readers, and new readers wait for it.
- `close_vm_fd` may drop the last reference.

The walks of ``set_nx_huge_pages`` are in `kvmlab.kvm.walks`.

Left out: the reference that a real path owns, through an open file; ``slots_arch_lock``; the guest; request bits; the
``cpuhp/N`` thread, which really runs the notifier while the control task waits for its completion.

Models: virt/kvm/kvm_main.c (kvm_set_memory_region, kvm_swap_active_memslots), arch/x86/kvm/x86.c
(__kvmclock_cpufreq_notifier), Linux 6.12; arch/x86/kvm/x86.c (kvm_arch_vcpu_ioctl_run), arch/x86/kvm/lapic.c
(__kvm_apic_set_base), kernel/cpu.c (_cpu_up), Linux 7.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmlab.kvm.lifetime import put

if TYPE_CHECKING:
    from kvmlab.kvm.world import KvmWorld


def set_memory_region(w: KvmWorld, vm: int = 0) -> None:
    """KVM_SET_USER_MEMORY_REGION: publish new memslots and wait until nobody uses the old ones."""
    with w.vms[vm].slots_lock:
        w.vms[vm].srcu.synchronize()


def vcpu_run(w: KvmWorld, vm: int = 0) -> None:
    """KVM_RUN or KVM_SET_MSRS: the APIC of the vCPU is disabled, and a static key counts that."""
    with w.vms[vm].srcu.read():
        w.apic_hw_disabled.slow_inc()


def kvmclock_cpufreq_notifier(w: KvmWorld) -> None:
    """A CPU's frequency changes: tell the vCPUs of every VM (``__kvmclock_cpufreq_notifier()``)."""
    with w.kvm_lock:
        for _ in w.vm_list.each():
            pass  # set a request bit


def cpufreq_notifier(w: KvmWorld) -> None:
    """A frequency change under ``cpus_read_lock()``, such as when a cpufreq driver is loaded."""
    with w.cpu_hotplug_lock.read():
        kvmclock_cpufreq_notifier(w)


def cpufreq_notifier_chain(w: KvmWorld) -> None:
    """The same through the notifier chain, as in the kernel: an SRCU reader between the two locks."""
    with w.cpu_hotplug_lock.read():
        w.cpufreq_chain.call(w)


def cpu_online(w: KvmWorld) -> None:
    """A CPU comes online and its cpufreq callback changes the frequency: the hotplug lock is held for writing."""
    with w.cpu_hotplug_lock.write():
        kvmclock_cpufreq_notifier(w)


def cpu_hotplug(w: KvmWorld) -> None:
    """Any CPU goes online or offline (``cpus_write_lock()``)."""
    with w.cpu_hotplug_lock.write():
        pass


def close_vm_fd(w: KvmWorld, vm: int = 0) -> None:
    """User space closes the VM's file, and the reference that it owns is dropped."""
    put(w, w.vms[vm])
