"""Takes slots_lock inside kvm_lock, and gives it back at once.

misconception: M10
feedback: A shorter section would help if the harm came from holding `slots_lock`. It comes from asking for it: while
  you wait, you hold `kvm_lock`. And the work is now outside of the lock that it needs.
"""


def walk(w):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            vm.slots_lock.lock()
            vm.slots_lock.unlock()
            w.zap(vm)
