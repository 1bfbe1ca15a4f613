"""Pins every VM and puts none.

misconception: M11
feedback: A reference would need no put if VMs lived for ever. Each `get_safe` that says yes has to be answered by one
  `put`.
"""

from kvmlab.kvm import get_safe


def walk(w):
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        with vm.slots_lock:
            w.zap(vm)
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
