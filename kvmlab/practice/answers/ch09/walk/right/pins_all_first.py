"""Pins every VM in one hold of kvm_lock, and works on them afterwards."""

from kvmlab.kvm import get_safe, put


def walk(w):
    with w.kvm_lock:
        pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
    for vm in pinned:
        with vm.slots_lock:
            w.zap(vm)
        put(w, vm)
