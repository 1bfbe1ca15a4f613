"""Pins with get, also a VM that is being destroyed.

misconception: M11
feedback: `get` would be right if being on the list meant being alive. A VM whose count is 0 stays on the list until it
  has been taken off, and to it only `get_safe` says no.
"""

from kvmlab.kvm import get, put


def walk(w):
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        get(vm)
        w.kvm_lock.unlock()
        if prev:
            put(w, prev)
        with vm.slots_lock:
            w.zap(vm)
        prev = vm
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
    if prev:
        put(w, prev)
