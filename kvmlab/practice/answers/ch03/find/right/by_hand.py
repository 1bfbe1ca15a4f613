"""Walks by hand, and unlocks in one place."""


def find(w, name):
    found = None
    w.kvm_lock.lock()
    vm = w.vm_list.first()
    while vm is not None and found is None:
        if vm.name == name:
            if not vm.users_count.inc_not_zero():
                break
            found = vm
        vm = w.vm_list.next(vm)
    w.kvm_lock.unlock()
    return found
