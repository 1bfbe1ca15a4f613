"""Pins every VM, and puts the wrong ones under the hotplug lock.

misconception: M5
feedback: A put under the hotplug lock would be right if it could not be the last one. If it is, it destroys the VM, and
  that reads `cpu_hotplug_lock` once more. A writer who has come in between lets no new reader in, and waits for you.
"""

from kvmlab.kvm import get_safe, put


def find(w, name):
    found = None
    with w.cpu_hotplug_lock.read():
        with w.kvm_lock:
            pinned = [vm for vm in w.vm_list.each() if get_safe(vm)]
        for vm in pinned:
            if vm.name == name:
                found = vm
            else:
                put(w, vm)
    return found
