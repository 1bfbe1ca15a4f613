"""Pins it and puts it back before it returns.

misconception: M11
feedback: This would be right if finding a VM kept it. When you return, your caller has no reference of its own: it
  uses the VM without one, and then puts one that it does not have.
"""

from kvmlab.kvm import get_safe, put


def find(w, name):
    found = None
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.name == name and get_safe(vm):
                found = vm
                break
    if found is not None:
        put(w, found)
    return found
