"""Puts the VM before while it holds the slots_lock of the next one.

misconception: M5
feedback: It is right to put the VM before when the next one is pinned. But if that put is the last, it takes `kvm_lock`
  while you hold the next one's `slots_lock`, and somebody may wait for that lock under `kvm_lock`. Put with no lock
  held at all.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        if not get_safe(vm):
            continue
        w.kvm_lock.unlock()
        with vm.slots_lock:
            w.zap(vm)
            if prev:
                put(w, prev)
        prev = vm
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
    if prev:
        put(w, prev)
