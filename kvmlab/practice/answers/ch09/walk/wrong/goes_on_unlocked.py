"""In the failure branch goes on after it has dropped kvm_lock.

misconception: M1
feedback: Both ways through the loop must come to its head with `kvm_lock` held: there `next` is read, and the next
  round unlocks. Your `continue` comes there without it.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    prev = None
    w.kvm_lock.lock()
    for vm in w.vm_list.each():
        alive = get_safe(vm)
        w.kvm_lock.unlock()
        if not alive:
            continue
        if prev:
            put(w, prev)
        with vm.slots_lock:
            w.zap(vm)
        prev = vm
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
    if prev:
        put(w, prev)
