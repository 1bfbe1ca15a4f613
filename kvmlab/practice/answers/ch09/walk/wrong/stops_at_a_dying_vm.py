"""Leaves the loop at a VM that is being destroyed.

feedback: A VM that is being destroyed needs no work. Those behind it on the list do, and your walk ends before them: go
  on with the next one.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            break
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
