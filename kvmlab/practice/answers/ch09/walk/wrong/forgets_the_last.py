"""Never puts the VM that it visits last.

misconception: M11
feedback: The loop puts each VM when it comes to the next one. After the last there is no next one, and its reference is
  yours still: put it after the loop.
"""

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
