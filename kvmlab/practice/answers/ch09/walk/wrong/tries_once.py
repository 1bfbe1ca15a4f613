"""Tries slots_lock inside kvm_lock and skips a VM if it is taken.

misconception: M7
feedback: `trylock` never waits, so no circle closes. It would be right if a VM might be skipped. This walk switches a
  mitigation on: a VM that was busy has a hole.
"""


def walk(w):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.slots_lock.trylock():
                w.zap(vm)
                vm.slots_lock.unlock()
