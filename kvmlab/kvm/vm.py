"""One virtual machine, as far as locking sees it: a reference count, a mutex, an SRCU domain.

Contract
- ``users_count`` starts at 1: whoever made the VM owns that reference.
- The order inside one VM is ``slots_lock``, then a grace period of ``srcu``. So a reader of ``srcu`` must not take
  ``slots_lock``, nor wait for anybody who holds it.
- Once it is freed, every operation on a part of it is a use after free. Freeing a part that a task holds is an error.

Left out: ``kvm->lock``, ``slots_arch_lock``, ``irq_srcu``, ``mmu_lock``, the memslots themselves, and vCPUs as objects:
a vCPU is a task.

Models: struct kvm, include/linux/kvm_host.h; virt/kvm/kvm_main.c (kvm_create_vm, kvm_destroy_vm), Linux 6.12.
"""

from __future__ import annotations

from kvmlab.operation import free
from kvmlab.primitives import SRCU, Mutex, Refcount
from kvmlab.world import Enrolled


class VM(Enrolled):
    """A virtual machine (``struct kvm``).

    Args:
        name: what to call it, such as ``vm0``; different for every VM of a world.

    Attributes:
        users_count: how many references there are; at 0 it is being destroyed.
        slots_lock: serialises changes of the memslots; its holder waits for grace periods of `srcu`.
        srcu: what a vCPU holds for reading while it handles an exit.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.users_count = Refcount(1)
        self.slots_lock = Mutex()
        self.srcu = SRCU()
        if self.home:  # a VM that a task makes is not found by the search for names in the world
            for part in ("users_count", "slots_lock", "srcu"):
                self.home.names[getattr(self, part).key] = f"{name}.{part}"

    def cleanup_srcu(self) -> None:
        """Give back the SRCU domain (``cleanup_srcu_struct()``).

        Raises:
            LockError: a reader is inside.
        """
        free(self.srcu)

    def free(self) -> None:
        """Give back the rest; from now on every operation on the VM is a use after free.

        Raises:
            LockError: a task holds ``slots_lock``.
        """
        free(self.slots_lock)
        free(self.users_count)

    def __repr__(self) -> str:
        return f"<VM {self.name}>"
