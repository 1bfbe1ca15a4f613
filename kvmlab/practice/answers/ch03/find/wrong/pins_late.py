"""Pins it after it has let go of the lock.

misconception: M11
feedback: `get_safe` tells a count of 0 from a count of 1. It cannot tell a count from memory that is gone, and
  without `kvm_lock` the VM may be freed before you ask.
"""

from kvmlab.kvm import get_safe


def find(w, name):
    found = None
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.name == name:
                found = vm
                break
    if found is not None and get_safe(found):
        return found
    return None
