"""Takes slots_lock inside kvm_lock, as the kernel does.

misconception: M5
feedback: Holding only these two locks would be safe if whoever holds `slots_lock` never waited for anybody. It waits
  for a grace period, the readers may wait for the hotplug lock, and there somebody waits for `kvm_lock`.
"""


def walk(w):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            with vm.slots_lock:
                w.zap(vm)
