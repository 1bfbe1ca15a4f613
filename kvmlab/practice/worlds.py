"""Worlds of the exercises, as the notebooks import them and as the checks use them."""

from __future__ import annotations

from kvmlab import threading
from kvmlab.kvm import VM, KvmWorld
from kvmlab.kvm.assert_held import ASSERT_HELD
from kvmlab.operation import perform
from kvmlab.primitives import Mutex, Shared


class NxHost(KvmWorld):
    """A host whose parameter ``nx_huge_pages`` has just changed: every VM's page tables must be thrown away.

    Args:
        vms: how many VMs there are; they are called ``vm0``, ``vm1``, ….

    Attributes:
        zapped: by VM, whether its page tables have been thrown away.
    """

    def __init__(self, vms: int = 2) -> None:
        super().__init__(vms)
        self.zapped = {vm.name: Shared(False) for vm in self.vms}

    def zap(self, vm: VM) -> None:
        """Throw away the page tables of `vm` (``kvm_mmu_zap_all_fast()``).

        Raises:
            LockError: the caller does not hold ``vm.slots_lock``.
        """
        perform(vm.slots_lock, ASSERT_HELD, Mutex)
        if vm.name in self.zapped:
            self.zapped[vm.name].store(True)


class Account:
    """An account of chapter 1's bank.

    Attributes:
        number: accounts have different ones.
        lock: guards `balance`.
        balance: how much money there is.
    """

    def __init__(self, number: int, balance: int) -> None:
        self.number = number
        self.lock = threading.Lock()
        self.balance = balance


class Bank:
    """Three accounts: number 1 is Anna's, number 2 is Ben's, number 3 is Cleo's."""

    def __init__(self) -> None:
        self.anna = Account(1, 10)
        self.ben = Account(2, 10)
        self.cleo = Account(3, 10)


def audit(bank: Bank) -> None:
    """Count all money, with every account locked in the order of the numbers.

    Raises:
        AssertionError: some is missing, or too much.
    """
    with bank.anna.lock, bank.ben.lock, bank.cleo.lock:
        total = bank.anna.balance + bank.ben.balance + bank.cleo.balance
    assert total == 30, f"the audit counts {total}, not 30"
