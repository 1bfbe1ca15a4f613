"""A VM that comes while others walk.

Contract
- `NewcomerWorld` has some VMs on the list, and one, ``newcomer``, that is made but not on the list yet.
- `open_vm` puts it at the head, so a walk that has begun does not meet it.

Left out: what else the making of a VM takes. The VM is made with the world and not by a task, so that a search by
states can hold it; `kvmlab.kvm.create_vm` makes one in a task.

Models: virt/kvm/kvm_main.c (kvm_create_vm), Linux 6.12.
"""

from __future__ import annotations

from kvmlab.kvm.vm import VM
from kvmlab.kvm.world import KvmWorld


class NewcomerWorld(KvmWorld):
    """A machine with `vms` VMs on its list and one that will come."""

    def __init__(self, vms: int = 1) -> None:
        super().__init__(vms)
        self.newcomer = VM("newcomer")


def open_vm(w: NewcomerWorld) -> None:
    """KVM_CREATE_VM, as far as the list sees it."""
    with w.kvm_lock:
        w.vm_list.add(w.newcomer)
