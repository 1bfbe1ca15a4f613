"""Keeps the pin on the VM before until the next one has been found."""

from kvmlab.kvm import get_safe, put


def walk(w):
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
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
