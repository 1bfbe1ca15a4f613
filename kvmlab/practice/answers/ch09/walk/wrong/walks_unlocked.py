"""Walks the list without kvm_lock.

misconception: M1
feedback: A lock protects data, and `kvm_lock` protects the list. Without it you read links that somebody changes at the
  same time. Take it for finding and pinning the VM, not for the work.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    for vm in w.vm_list.each():
        if get_safe(vm):
            with vm.slots_lock:
                w.zap(vm)
            put(w, vm)
