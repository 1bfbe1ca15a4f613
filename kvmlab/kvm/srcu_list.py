"""The list of VMs under SRCU: who walks it takes no lock and no reference; who destroys a VM waits for the walkers.

Contract
- `visit_srcu` is a reader of ``vm_list_srcu`` for the whole walk. It never waits for the list, holds no mutex, and may
  take mutexes and wait in ``work``.
- ``list_del_rcu`` takes a VM off and keeps its ``next``: a reader who stands on it goes on.
- ``list_add`` and ``list_move_tail`` give a VM a new ``next``: a reader who stands on it goes on from the new place.
- `put_srcu` drops a reference; if it was the last, the VM is taken off the list first of all, and then everything else
  waits for a grace period of ``vm_list_srcu``.
- So whoever puts must be no reader of ``vm_list_srcu``, and hold nothing that a walker may wait for: for each walker is
  waited for, with whatever it waits for.
- ``kvm_lock`` still guards additions and removals. A reader does not keep VMs from coming.

Left out: the memory barriers of list_add_rcu(). A VM is visited although its count is 0, if it is still on the list.

Models: the idea of "KVM: Use an SRCU lock to protect readers of vm_list", Sean Christopherson, January 2025, never
merged; include/linux/rculist.h (list_del_rcu, list_for_each_entry_srcu), Linux 6.12.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from kvmlab.kvm.lifetime import create_vm, free_vm, uevent_notify_change
from kvmlab.kvm.vm import VM
from kvmlab.kvm.vm_list import FIRST, Links, Node, VmList, gone, joined, node_of, on_it_already, without
from kvmlab.kvm.world import KvmWorld
from kvmlab.operation import Fault, Operation, Task, perform
from kvmlab.primitives import SRCU


class Chain(NamedTuple):
    """Value of the list: the VMs on it from the head; those whose memory is gone; what followed those taken off."""

    order: tuple[Node, ...] = ()
    freed: tuple[Node, ...] = ()
    after: tuple[tuple[Node, Node | None], ...] = ()


def put_at_head(chain: Chain, task: Task, node: Node) -> tuple[Chain, Any]:
    """The VM is the first, and what followed it once is forgotten; an error if it is on the list already."""
    if node in chain.order:
        return chain, on_it_already(node)
    return chain._replace(order=(node, *chain.order), after=forgotten(chain, node)), None


def take_off(chain: Chain, task: Task, node: Node) -> tuple[Chain, Any]:
    """The VM is off the list and keeps its next; an error unless it was on it."""
    if node not in chain.order:
        return chain, fault(chain, "deletes", node)
    following = successor(chain.order, node)
    return chain._replace(order=without(chain.order, node), after=(*chain.after, (node, following))), None


def to_the_tail(chain: Chain, task: Task, node: Node) -> tuple[Chain, Any]:
    """The VM is the last; an error unless it was on the list."""
    if node not in chain.order:
        return chain, fault(chain, "moves", node)
    return chain._replace(order=(*without(chain.order, node), node)), None


def next_of(chain: Chain, task: Task, node: Node) -> tuple[Chain, Any]:
    """The VM after this one, or None at the end; for one that was taken off, what followed it then."""
    kept = dict(chain.after)
    if node in chain.freed or (node not in chain.order and node not in kept):
        return chain, fault(chain, "reads the next of", node)
    return chain, kept[node] if node in kept else successor(chain.order, node)


def give_back(chain: Chain, task: Task, node: Node) -> tuple[Chain, None]:
    """The memory of the links is gone."""
    return chain._replace(freed=joined(chain.freed, node), after=forgotten(chain, node)), None


def forgotten(chain: Chain, node: Node) -> tuple[tuple[Node, Node | None], ...]:
    """What followed those taken off, without what followed `node`."""
    return tuple(pair for pair in chain.after if pair[0] != node)


def successor(order: tuple[Node, ...], node: Node) -> Node | None:
    """Who stands after `node` in `order`; None at the end."""
    at = order.index(node) + 1
    return order[at] if at < len(order) else None


def fault(chain: Chain, does: str, node: Node) -> Fault:
    """What is wrong with using the links of a VM that is not on the list, or whose memory is gone."""
    off = tuple(one for one, _ in chain.after)
    return gone(Links(chain.order, off, chain.freed), does, node)


ADD = Operation("list_add", put_at_head, effect_text="always: the VM is the first; an error if it was on the list")
DELETE_RCU = Operation(
    "list_del_rcu", take_off, effect_text="always: the VM is off and keeps its next; an error unless it was on"
)
MOVE_TAIL = Operation(
    "list_move_tail", to_the_tail, effect_text="always: the VM is the last; an error unless it was on the list"
)
NEXT_RCU = Operation(
    "list_next", next_of, reads=lambda node: True,
    effect_text="always: result the VM after this one or none, also for one taken off; an error if this one is freed",
)  # fmt: skip
FREE_NODE_RCU = Operation("free", give_back, effect_text="always: the links of the VM are freed")


class SrcuVmList(VmList):
    """A list of VMs whose readers take no lock. Value: a `Chain`."""

    operations: ClassVar[tuple[Operation, ...]] = (ADD, DELETE_RCU, MOVE_TAIL, FIRST, NEXT_RCU, FREE_NODE_RCU)

    def __init__(self) -> None:
        super().__init__(Chain())

    def add(self, vm: VM) -> None:
        """Put `vm` at the head (``list_add()``).

        Raises:
            LockError: it is on the list already.
        """
        perform(self, ADD, node_of(vm))

    def delete(self, vm: VM) -> None:
        """Take `vm` off; its own ``next`` stays as it is (``list_del_rcu()``).

        Raises:
            LockError: it is not on the list.
        """
        perform(self, DELETE_RCU, node_of(vm))

    def move_tail(self, vm: VM) -> None:
        """Move `vm` to the end (``list_move_tail()``).

        Raises:
            LockError: it is not on the list; `UseAfterFree` if it was once.
        """
        perform(self, MOVE_TAIL, node_of(vm))

    def next(self, vm: VM) -> VM | None:
        """Return the VM after `vm`, or after the place where it was; None at the end.

        Raises:
            UseAfterFree: `vm` has been freed.
        """
        return self._vm(perform(self, NEXT_RCU, node_of(vm)))

    def free_node(self, vm: VM) -> None:
        """The memory of `vm` is given back: its links are no more."""
        perform(self, FREE_NODE_RCU, node_of(vm))

    @classmethod
    def describe(cls, value: Chain) -> dict[str, Any]:  # type: ignore[override]
        """``{"order": names from the head, "freed": names, "after": next by name of those taken off}``."""
        return {
            "order": [node.name for node in value.order],
            "freed": [node.name for node in value.freed],
            "after": {node.name: following.name if following else None for node, following in value.after},
        }


class SrcuKvmWorld(KvmWorld):
    """A machine whose list of VMs is under SRCU.

    Attributes:
        vm_list_srcu: who walks the list is its reader; who destroys a VM waits for its readers.
    """

    def __init__(self, vms: int = 1) -> None:
        super().__init__(vms=0)
        self.vm_list = SrcuVmList()
        self.vm_list_srcu = SRCU()
        self.vms = [create_vm(self, f"vm{number}") for number in range(vms)]


def visit_srcu(w: SrcuKvmWorld, work: Callable[[VM], object]) -> None:
    """Call `work` for every VM, as a reader of the list: no mutex, no reference."""
    with w.vm_list_srcu.read():
        for vm in w.vm_list.each():
            work(vm)


def put_srcu(w: SrcuKvmWorld, vm: VM) -> None:
    """Drop a reference; if it was the last, destroy the VM now, in this task.

    Raises:
        RefcountError: the count was 0.
    """
    if vm.users_count.dec_and_test():
        destroy_vm_srcu(w, vm)


def destroy_vm_srcu(w: SrcuKvmWorld, vm: VM) -> None:
    """Take a VM with a count of 0 off the list, wait for the walkers, and free it."""
    with w.kvm_lock:
        w.vm_list.delete(vm)
    w.vm_list_srcu.synchronize()
    uevent_notify_change(w, -1)
    free_vm(w, vm)


def close_vm_fd_srcu(w: SrcuKvmWorld, vm: int = 0) -> None:
    """User space closes the VM's file, and the reference that it owns is dropped."""
    put_srcu(w, w.vms[vm])
