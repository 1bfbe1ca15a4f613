"""Puts the reference while it holds kvm_lock.

misconception: M5
feedback: A put under `kvm_lock` would be right if it could not be the last one. If the file was closed meanwhile it is
  the last, and it destroys the VM in your task: that takes `kvm_lock`, which you hold.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        with vm.slots_lock:
            w.zap(vm)
        w.kvm_lock.lock()
        put(w, vm)
    w.kvm_lock.unlock()
