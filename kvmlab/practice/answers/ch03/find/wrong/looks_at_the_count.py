"""Looks at the count, then pins it with get.

misconception: M2
feedback: It was alive when you looked. A count that others lower without a lock is old as soon as you have it: look
  and pin must be one step.
"""

from kvmlab.kvm import get


def find(w, name):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.name == name and vm.users_count.read() > 0:
                get(vm)
                return vm
    return None
