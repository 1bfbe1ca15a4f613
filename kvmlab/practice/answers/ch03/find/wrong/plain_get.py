"""Pins it with get.

misconception: M11
feedback: `get` would be right if being on the list meant being alive. Its last reference may be gone already; only
  `get_safe` can say no.
"""

from kvmlab.kvm import get


def find(w, name):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.name == name:
                get(vm)
                return vm
    return None
