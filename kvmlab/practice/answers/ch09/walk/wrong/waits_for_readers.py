"""Waits for a grace period inside kvm_lock.

misconception: M9
feedback: A grace period is no mutex, so the letter of the rule is kept. Its reason is not: you wait for readers of
  `srcu`, they may wait for the hotplug lock, and there somebody waits for `kvm_lock`.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    with w.kvm_lock:
        pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
        for vm in pinned:
            vm.srcu.synchronize()
    for vm in pinned:
        with vm.slots_lock:
            w.zap(vm)
        put(w, vm)
