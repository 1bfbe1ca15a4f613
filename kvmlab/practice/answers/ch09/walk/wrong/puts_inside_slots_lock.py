"""Puts the VM while it holds its slots_lock.

misconception: M5
feedback: This would be right if your put could not be the last. If it is, it destroys the VM there and then, with the
  mutex inside that you hold. Leave `slots_lock` first.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    with w.kvm_lock:
        pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
    for vm in pinned:
        with vm.slots_lock:
            w.zap(vm)
            put(w, vm)
