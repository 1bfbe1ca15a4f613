"""Looks at the first VM only.

feedback: The head of the list is one VM of many. Go on to the next until the name is right.
"""

from kvmlab.kvm import get_safe


def find(w, name):
    with w.kvm_lock:
        vm = w.vm_list.first()
        if vm is not None and vm.name == name and get_safe(vm):
            return vm
    return None
