"""The life of a VM: made, put on the list, referred to, and destroyed by whoever drops the last reference.

Contract
- `create_vm` returns with one reference, owned by the caller, and the VM on ``vm_list``.
- `get` is for whoever owns a reference already; on a count of 0 it is an error.
- `get_safe` is for whoever found the VM on the list; on a count of 0 it refuses.
- `put` drops a reference. If it was the last, the caller destroys the VM there and then.
- `destroy_vm` takes ``kvm_lock`` twice, once for the counters and once for ``list_del``, and after that the hotplug
  lock as a reader. From the last `put` until ``list_del`` the VM is on the list with a count of 0.

So call `put` with no lock held: not ``kvm_lock``, not the VM's ``slots_lock``, not inside a reader of its ``srcu``, not
under the hotplug lock.

Left out: the other steps of destruction and what they wait for (the PM notifier, debugfs, the NX recovery thread, MMU
notifiers, memslots, devices, ``kvm_usage_lock``).

Models: virt/kvm/kvm_main.c (kvm_create_vm, kvm_get_kvm, kvm_get_kvm_safe, kvm_put_kvm, kvm_destroy_vm,
kvm_uevent_notify_change), Linux 6.12; that the last steps of destruction take the hotplug lock (preempt_notifier_dec),
Linux 7.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvmlab.kvm.vm import VM

if TYPE_CHECKING:
    from kvmlab.kvm.world import KvmWorld


def create_vm(w: KvmWorld, name: str) -> VM:
    """Make a VM called `name` and put it on the list; the caller owns its one reference (``kvm_create_vm()``)."""
    vm = VM(name)
    with w.kvm_lock:
        w.vm_list.add(vm)
    w.preempt_notifier_key.slow_inc()  # preempt_notifier_inc()
    uevent_notify_change(w, +1)
    return vm


def get(vm: VM) -> None:
    """Add a reference to a VM of which the caller owns one already (``kvm_get_kvm()``).

    Raises:
        RefcountError: the count was 0, so the caller owned none.
    """
    vm.users_count.inc()


def get_safe(vm: VM) -> bool:
    """Add a reference unless the VM is being destroyed; return whether it did (``kvm_get_kvm_safe()``)."""
    return vm.users_count.inc_not_zero()


def put(w: KvmWorld, vm: VM) -> None:
    """Drop a reference; if it was the last, destroy the VM now, in this task (``kvm_put_kvm()``).

    Raises:
        RefcountError: the count was 0.
    """
    if vm.users_count.dec_and_test():
        destroy_vm(w, vm)


def destroy_vm(w: KvmWorld, vm: VM) -> None:
    """Take a VM with a count of 0 off the list and free it (``kvm_destroy_vm()``).

    Raises:
        LockError: a task holds a part of it.
    """
    uevent_notify_change(w, -1)
    with w.kvm_lock:
        w.vm_list.delete(vm)
    free_vm(w, vm)


def free_vm(w: KvmWorld, vm: VM) -> None:
    """Give a VM back that nobody can find any more: the rest of ``kvm_destroy_vm()``.

    Raises:
        LockError: a task holds a part of it.
    """
    vm.cleanup_srcu()
    w.vm_list.free_node(vm)
    vm.free()
    w.preempt_notifier_key.slow_dec()  # preempt_notifier_dec()


def uevent_notify_change(w: KvmWorld, change: int) -> None:
    """Count a VM that has come (+1) or goes (-1), under ``kvm_lock`` (``kvm_uevent_notify_change()``)."""
    with w.kvm_lock:
        if change > 0:
            w.kvm_createvm_count.store(w.kvm_createvm_count.load() + 1)
        w.kvm_active_vms.store(w.kvm_active_vms.load() + change)
