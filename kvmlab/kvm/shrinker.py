"""The shrinker: under memory pressure, take pages from one VM and move it to the end of the list.

Contract
- ``kvm_lock`` is held from the look at the list to the move.
- Whoever walks the list and lets go of ``kvm_lock`` in between may find the VM it stands on at the end: a reference
  keeps a VM on the list, not in its place.

Left out: how a VM is chosen, ``mmu_lock``, the freeing of pages. That reclaim calls it: so an allocation inside
``kvm_lock`` may come back to ``kvm_lock``.

Models: arch/x86/kvm/mmu/mmu.c (mmu_shrink_scan), Linux 6.1 and 6.12; since v6.13 there is no such function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kvmlab.kvm.world import KvmWorld


def mmu_shrink_scan(w: KvmWorld) -> None:
    """Take pages from the first VM and move it to the tail (``mmu_shrink_scan()``)."""
    with w.kvm_lock:
        vm = w.vm_list.first()
        if vm:
            with vm.srcu.read():
                pass  # zap its oldest pages
            w.vm_list.move_tail(vm)
