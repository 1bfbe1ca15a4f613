"""Puts the VM inside a reader of its srcu.

misconception: M5
feedback: This would be right if your put could not be the last. If it is, the VM is destroyed, and its `srcu` with it,
  while you are a reader inside. Leave the reader first.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    with w.kvm_lock:
        pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
    for vm in pinned:
        with vm.slots_lock:
            w.zap(vm)
        with vm.srcu.read():
            put(w, vm)
