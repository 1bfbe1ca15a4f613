"""The global list of virtual machines, with the kernel's list operations, each in one step.

Contract
- ``add`` puts a VM at the head, so a walk that has begun never meets it.
- ``delete`` takes a VM off and poisons its links: reading its ``next`` afterwards is an error, and so is deleting it
  again.
- ``move_tail`` moves a VM that is on the list to its end: a walk that stands on it has nothing before it any more.
- ``free_node`` says that the memory of the VM, and its links with it, is given back: reading its ``next`` afterwards
  is an error, also when nobody took it off the list.
- ``kvm_lock`` guards the list, and nothing here checks that: a race must be there to be found.

Left out: the single loads and stores of a list operation. Two unlocked changes at once lose no link here; what goes
wrong here is a walk that stands on a VM that has gone.

Models: LIST_HEAD(vm_list), virt/kvm/kvm_main.c; list_add(), list_del(), list_move_tail(), list_for_each_entry() and
list_for_each_entry_safe(), Linux 6.12.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from kvmlab.errors import LockError, UseAfterFree
from kvmlab.kvm.vm import VM
from kvmlab.operation import Fault, Operation, Resource, Task, perform
from kvmlab.world import decode, encode


class Node(NamedTuple):
    """The links of one VM: its name, and the VM as a value can hold it (see `encode`)."""

    name: str
    vm: Any


class Links(NamedTuple):
    """Value of the list: the VMs on it from the head; those that were taken off; those whose memory is gone."""

    order: tuple[Node, ...] = ()
    poisoned: tuple[Node, ...] = ()
    freed: tuple[Node, ...] = ()


def put_at_head(links: Links, task: Task, node: Node) -> tuple[Links, Any]:
    """The VM is the first, and its links are no longer poisoned; an error if it is on the list already."""
    if node in links.order:
        return links, on_it_already(node)
    return links._replace(order=(node, *links.order), poisoned=without(links.poisoned, node)), None


def take_off(links: Links, task: Task, node: Node) -> tuple[Links, Any]:
    """The VM is off the list and its links are poisoned; an error unless it was on it."""
    if node in links.freed or node not in links.order:
        return links, gone(links, "deletes", node)
    return links._replace(order=without(links.order, node), poisoned=joined(links.poisoned, node)), None


def to_the_tail(links: Links, task: Task, node: Node) -> tuple[Links, Any]:
    """The VM is the last; an error unless it was on the list."""
    if node not in links.order:
        return links, gone(links, "moves", node)
    return links._replace(order=(*without(links.order, node), node)), None


def head(links: Links, task: Task) -> tuple[Links, Node | None]:
    """The first VM, or None."""
    return links, links.order[0] if links.order else None


def following(links: Links, task: Task, node: Node) -> tuple[Links, Any]:
    """The VM after this one, or None at the end; an error when its links are poisoned or freed."""
    if node in links.freed or node not in links.order:
        return links, gone(links, "reads the next of", node)
    at = links.order.index(node) + 1
    return links, links.order[at] if at < len(links.order) else None


def give_back(links: Links, task: Task, node: Node) -> tuple[Links, None]:
    """The memory of the links is gone. Who is still on the list stays there: nobody notices until it is read."""
    return links._replace(poisoned=without(links.poisoned, node), freed=joined(links.freed, node)), None


def on_it_already(node: Node) -> Fault:
    """What is wrong with adding a VM that is on the list."""
    return Fault(LockError, f"{{task}} adds {node.name} to {{lock}}, but it is on it already.")


def gone(links: Links, does: str, node: Node) -> Fault:
    """What is wrong with using the links of a VM that is not on the list, or whose memory is gone."""
    if node in links.freed:
        return Fault(UseAfterFree, f"{{task}} {does} {node.name} in {{lock}}, but {node.name} has been freed.")
    if node in links.poisoned:
        return Fault(UseAfterFree, f"{{task}} {does} {node.name}, but list_del() has taken it off {{lock}}.")
    return Fault(LockError, f"{{task}} {does} {node.name}, but it was never on {{lock}}.")


def joined(nodes: tuple[Node, ...], node: Node) -> tuple[Node, ...]:
    """`nodes` and `node`, by name, so that the order in which they came makes no difference."""
    return tuple(sorted((*nodes, node), key=lambda one: one.name))


def without(nodes: tuple[Node, ...], node: Node) -> tuple[Node, ...]:
    """`nodes` without `node`."""
    return tuple(one for one in nodes if one != node)


ADD = Operation("list_add", put_at_head, effect_text="always: the VM is the first; an error if it was on the list")
DELETE = Operation(
    "list_del", take_off, effect_text="always: the VM is off and its links are poisoned; an error unless it was on"
)
MOVE_TAIL = Operation(
    "list_move_tail", to_the_tail, effect_text="always: the VM is the last; an error unless it was on the list"
)
FIRST = Operation("list_first", head, reads=lambda node: True, effect_text="always: result the first VM or none")
NEXT = Operation(
    "list_next", following, reads=lambda node: True,
    effect_text="always: result the VM after this one or none; an error if this one is off the list or freed",
)  # fmt: skip
FREE_NODE = Operation("free", give_back, effect_text="always: the links of the VM are freed")


class VmList(Resource):
    """The list of VMs. Value: `Links`."""

    operations: ClassVar[tuple[Operation, ...]] = (ADD, DELETE, MOVE_TAIL, FIRST, NEXT, FREE_NODE)

    def __init__(self, value: Any = Links()) -> None:  # noqa: B008  a tuple: nobody changes it
        super().__init__(value)

    def add(self, vm: VM) -> None:
        """Put `vm` at the head (``list_add()``).

        Raises:
            LockError: it is on the list already.
        """
        perform(self, ADD, node_of(vm))

    def delete(self, vm: VM) -> None:
        """Take `vm` off and poison its links (``list_del()``).

        Raises:
            LockError: it is not on the list; `UseAfterFree` if it was once.
        """
        perform(self, DELETE, node_of(vm))

    def move_tail(self, vm: VM) -> None:
        """Move `vm` to the end (``list_move_tail()``).

        Raises:
            LockError: it is not on the list; `UseAfterFree` if it was once.
        """
        perform(self, MOVE_TAIL, node_of(vm))

    def first(self) -> VM | None:
        """Return the VM at the head; None when the list is empty."""
        return self._vm(perform(self, FIRST))

    def next(self, vm: VM) -> VM | None:
        """Return the VM after `vm`; None at the end.

        Raises:
            UseAfterFree: `vm` has been taken off the list, or freed.
        """
        return self._vm(perform(self, NEXT, node_of(vm)))

    def free_node(self, vm: VM) -> None:
        """The memory of `vm` is given back: its links are no more."""
        perform(self, FREE_NODE, node_of(vm))

    def each(self) -> Iterator[VM]:
        """Every VM, from the head (``list_for_each_entry()``).

        After the body of the loop, ``next`` is read from the VM that the body had: it must still be on the list.
        """
        vm = self.first()
        while vm is not None:
            yield vm
            vm = self.next(vm)

    def each_safe(self) -> Iterator[VM]:
        """Every VM, from the head (``list_for_each_entry_safe()``).

        ``next`` is read before the body of the loop, so the body may take off the VM that it has. The saved one must
        stay: after the body, *its* ``next`` is read.
        """
        vm = self.first()
        saved = self.next(vm) if vm else None
        while vm is not None:
            yield vm
            vm, saved = saved, self.next(saved) if saved else None

    def _vm(self, node: Node | None) -> VM | None:
        vm: VM | None = decode(node.vm, self.home) if node else None
        return vm

    @classmethod
    def describe(cls, value: Links) -> dict[str, Any]:
        """``{"order": names from the head, "poisoned": names, "freed": names}``."""
        return {field: [node.name for node in nodes] for field, nodes in value._asdict().items()}


def node_of(vm: VM) -> Node:
    """The links of `vm`."""
    return Node(vm.name, encode(vm))
