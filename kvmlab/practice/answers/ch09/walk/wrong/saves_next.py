"""Reads next before it drops kvm_lock, and trusts it afterwards.

misconception: M11
feedback: `each_safe` is safe against what the body of the loop itself takes off the list. You drop the lock, so others
  take VMs off, too, and the one that you saved has no pin.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    w.kvm_lock.lock()
    for vm in w.vm_list.each_safe():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        with vm.slots_lock:
            w.zap(vm)
        put(w, vm)
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
