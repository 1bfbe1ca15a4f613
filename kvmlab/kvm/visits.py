"""Three ways to visit every VM with no lock held: by the previous one, from a snapshot, from the head again and again.

Contract
- Each takes ``work``, a function of one VM, and calls it for VM after VM. The VM is pinned meanwhile and the caller
  holds no lock, so ``work`` may take ``slots_lock`` and may wait.
- Each puts with no lock held, and lets go of every VM that it pinned.
- Who was on the list all the time is visited, and once; unless somebody moves VMs in the list (see
  `kvmlab.kvm.shrinker`), which `visit_prev` does not survive.
- `visit_prev` keeps one or two VMs pinned and goes through the list once, in ``1 + n`` holds of ``kvm_lock``.
- `visit_snapshot` keeps all of them pinned, and takes ``kvm_lock`` once.
- `visit_restart` keeps one pinned, but begins at the head after every VM: the list is read in steps that grow with the
  square of ``n``, and VMs that come meanwhile are visited too, so nothing says when it ends.

Left out: the memory for a snapshot, which the kernel would have to allocate before it takes ``kvm_lock``; early exits;
the mark or generation in each VM that a restart needs, for which a set of names stands here.

Models: a walk with ``prev`` and one with a snapshot, proposed or named in the discussion of "[RFC PATCH 0/2] KVM: x86:
Strengthen locking rules for kvm_lock", January 2025, never merged. No walk of Linux 6.1, 6.12 or 7.3 takes references.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kvmlab.kvm.lifetime import get_safe, put
from kvmlab.kvm.vm import VM

if TYPE_CHECKING:
    from kvmlab.kvm.world import KvmWorld

Work = Callable[[VM], object]


def visit_prev(w: KvmWorld, work: Work) -> None:
    """Keep the pin on a VM until the next one is pinned: pin, drop, lock, put."""
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue  # it is being destroyed; kvm_lock is still held, so its next is good
        w.kvm_lock.unlock()
        if prev:
            put(w, prev)
        work(vm)
        prev = vm  # its next is still needed
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
    if prev:
        put(w, prev)


def visit_snapshot(w: KvmWorld, work: Work) -> None:
    """Pin all VMs in one hold of ``kvm_lock``, then work through them."""
    with w.kvm_lock:
        pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
    for vm in pinned:
        work(vm)
        put(w, vm)


def visit_restart(w: KvmWorld, work: Work) -> None:
    """Look for a VM that is not done, from the head, until there is none."""
    done: set[str] = set()
    while vm := pin_first(w, done):
        work(vm)
        done.add(vm.name)
        put(w, vm)


def pin_first(w: KvmWorld, done: set[str]) -> VM | None:
    """Pin and return the first VM of the list that is not `done` and not dying; None when there is none."""
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.name not in done and get_safe(vm):
                return vm
    return None
