"""Holds the hotplug lock around the whole walk.

misconception: M4
feedback: Reading would be harmless if readers never waited. The last put destroys the VM, and that becomes a reader of
  `cpu_hotplug_lock` once more. A writer who has come in between lets no new reader in, and waits for you.
"""

from kvmlab.kvm import get_safe, put


def walk(w):
    with w.cpu_hotplug_lock.read():
        with w.kvm_lock:
            pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
        for vm in pinned:
            with vm.slots_lock:
                w.zap(vm)
            put(w, vm)
