"""Three walks over all VMs that take each one's ``slots_lock``: as it is, as first proposed, and done right.

Contract
- `set_nx_huge_pages` takes ``slots_lock`` inside ``kvm_lock``: the one violation of the rule.
- `set_nx_huge_pages_rfc` drops ``kvm_lock`` first, and has the three faults that its review found: it goes on from a
  VM that it has let go; it pins with `get`; it puts under ``kvm_lock``, so that the last put waits for itself.
- `set_nx_huge_pages_fixed` pins each VM with `get_safe`, keeps the pin until ``next`` has been read under ``kvm_lock``,
  and puts with no lock held.

Left out: ``param_lock``, the value of the parameter, the zapping of pages, the wake-up of the recovery thread (where
the first proposal had a fourth, separate fault).

Models: arch/x86/kvm/mmu/mmu.c (set_nx_huge_pages), Linux 6.12; "[RFC PATCH 1/2] KVM: x86: fix usage of kvm_lock in
set_nx_huge_pages()", 24 January 2025, never merged, and the walk with ``prev`` from its discussion.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmlab.kvm.lifetime import get, get_safe, put
from kvmlab.kvm.vm import VM

if TYPE_CHECKING:
    from kvmlab.kvm.world import KvmWorld


def zap_all(vm: VM) -> None:
    """The work that needs ``slots_lock`` (``kvm_mmu_zap_all_fast()``)."""
    with vm.slots_lock:
        pass


def set_nx_huge_pages(w: KvmWorld) -> None:
    """A write to the module parameter ``nx_huge_pages``: a mutex inside ``kvm_lock``."""
    with w.kvm_lock:
        for vm in w.vm_list.each():
            zap_all(vm)


def set_nx_huge_pages_rfc(w: KvmWorld) -> None:
    """The first patch that applied the rule, faults included."""
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        get(vm)
        w.kvm_lock.unlock()
        zap_all(vm)
        w.kvm_lock.lock()
        put(w, vm)
    w.kvm_lock.unlock()


def set_nx_huge_pages_fixed(w: KvmWorld) -> None:
    """Pin, drop, lock, put: the rule applied."""
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue  # it is being destroyed; kvm_lock is still held, so its next is good
        w.kvm_lock.unlock()
        if prev:
            put(w, prev)
        zap_all(vm)
        prev = vm  # its next is still needed
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
    if prev:
        put(w, prev)
