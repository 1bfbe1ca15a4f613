"""Returns with kvm_lock held.

misconception: M1
feedback: The way out with a VM forgets to unlock. It would be right if your caller unlocked; but that one goes on to
  take another mutex.
"""

from kvmlab.kvm import get_safe


def find(w, name):
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if vm.name == name and get_safe(vm):
            return vm
    w.kvm_lock.unlock()
    return None
