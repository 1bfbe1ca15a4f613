"""Pins every VM, and puts the wrong ones under the lock.

misconception: M5
feedback: A put under `kvm_lock` would be right if it could not be the last one. A file may be closed between your get
  and your put; then it destroys the VM, and takes the lock that you hold.
"""

from kvmlab.kvm import get_safe, put


def find(w, name):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if not get_safe(vm):
                continue
            if vm.name == name:
                return vm
            put(w, vm)
    return None
