"""Tries slots_lock inside kvm_lock until it gets it.

misconception: M7
feedback: Trying until it works is waiting, with the CPU busy. Whoever holds `slots_lock` may be on the circle that you
  keep closed with `kvm_lock`, and then you try for ever.
"""


def walk(w):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            while not vm.slots_lock.trylock():
                pass
            w.zap(vm)
            vm.slots_lock.unlock()
