"""Drops kvm_lock and keeps nothing.

misconception: M11
feedback: Dropping the lock would be enough if the lock were all that keeps the VM, and kept it for ever. It keeps the
  list as it is, while you hold it. What keeps a VM afterwards is a reference.
"""


def walk(w):
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        w.kvm_lock.unlock()
        with vm.slots_lock:
            w.zap(vm)
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
