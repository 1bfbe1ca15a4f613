"""The first patch that applied the rule, with its three faults.

misconception: M11
feedback: This is the first patch as it was posted, and it would be right if no VM ever went away. It pins with a plain
  `get`, puts under `kvm_lock`, and reads `next` from a VM that it has let go.
"""

from kvmlab.kvm import get, put


def walk(w):
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        get(vm)
        w.kvm_lock.unlock()
        with vm.slots_lock:
            w.zap(vm)
        w.kvm_lock.lock()
        put(w, vm)
    w.kvm_lock.unlock()
