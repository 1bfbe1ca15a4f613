"""Takes slots_lock first, then kvm_lock.

misconception: M1
feedback: Turning two locks round is a good answer when both sides can do it. Here you must read the list to know whose
  `slots_lock` you want, and `kvm_lock` protects that list: you read it without.
"""


def walk(w):
    vm = w.vm_list.first()
    while vm:
        with vm.slots_lock:
            with w.kvm_lock:
                following = w.vm_list.next(vm)
            w.zap(vm)
        vm = following
