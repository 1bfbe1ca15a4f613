"""The simulated KVM: virtual machines, their list and their life, and the kernel paths that meet in the circle.

It is a program under study like a reader's own: made of the primitives, run by every tool. One short file an idea.
"""

from kvmlab.kvm.lifetime import create_vm, destroy_vm, get, get_safe, put, uevent_notify_change
from kvmlab.kvm.newcomer import NewcomerWorld, open_vm
from kvmlab.kvm.notifier import NotifierChain
from kvmlab.kvm.paths import (
    close_vm_fd,
    cpu_hotplug,
    cpu_online,
    cpufreq_notifier,
    cpufreq_notifier_chain,
    kvmclock_cpufreq_notifier,
    set_memory_region,
    vcpu_run,
)
from kvmlab.kvm.shrinker import mmu_shrink_scan
from kvmlab.kvm.srcu_list import SrcuKvmWorld, SrcuVmList, close_vm_fd_srcu, put_srcu, visit_srcu
from kvmlab.kvm.static_key import StaticKey
from kvmlab.kvm.visits import visit_prev, visit_restart, visit_snapshot
from kvmlab.kvm.vm import VM
from kvmlab.kvm.vm_list import VmList
from kvmlab.kvm.walks import set_nx_huge_pages, set_nx_huge_pages_fixed, set_nx_huge_pages_rfc, zap_all
from kvmlab.kvm.world import KvmWorld
from kvmlab.primitives.assert_held import lockdep_assert_held

__all__ = [
    "VM",
    "KvmWorld",
    "NewcomerWorld",
    "NotifierChain",
    "SrcuKvmWorld",
    "SrcuVmList",
    "StaticKey",
    "VmList",
    "close_vm_fd",
    "close_vm_fd_srcu",
    "cpu_hotplug",
    "cpu_online",
    "cpufreq_notifier",
    "cpufreq_notifier_chain",
    "create_vm",
    "destroy_vm",
    "get",
    "get_safe",
    "kvmclock_cpufreq_notifier",
    "lockdep_assert_held",
    "mmu_shrink_scan",
    "open_vm",
    "put",
    "put_srcu",
    "set_memory_region",
    "set_nx_huge_pages",
    "set_nx_huge_pages_fixed",
    "set_nx_huge_pages_rfc",
    "uevent_notify_change",
    "vcpu_run",
    "visit_prev",
    "visit_restart",
    "visit_snapshot",
    "visit_srcu",
    "zap_all",
]
