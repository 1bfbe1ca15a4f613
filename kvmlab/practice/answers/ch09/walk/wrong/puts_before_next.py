"""Puts the VM before it has read the next one from it.

misconception: M11
feedback: This would be right if holding `kvm_lock` again brought the VM back. With your put the pin was gone; when you
  read its `next`, the VM may have left the list and been freed.
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
        put(w, vm)
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
