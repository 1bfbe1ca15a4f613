"""Looks and pins in one hold."""

from kvmlab.kvm import get_safe


def find(w, name):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.name == name and get_safe(vm):
                return vm
    return None
