"""Pins every VM that it passes.

misconception: M11
feedback: You pin before you look at the name. Each `get_safe` that says yes has to be answered by one put, also for
  those that your caller did not want.
"""

from kvmlab.kvm import get_safe


def find(w, name):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if get_safe(vm) and vm.name == name:
                return vm
    return None
