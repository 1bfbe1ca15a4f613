"""Walks without the lock.

misconception: M1
feedback: You only read the list, but somebody changes it meanwhile, and frees what you stand on. `kvm_lock` protects
  the list from both sides.
"""

from kvmlab.kvm import get_safe


def find(w, name):
    for vm in w.vm_list.each():
        if vm.name == name and get_safe(vm):
            return vm
    return None
