"""Walks by hand, in a function of its own."""


def snapshot(w):
    found = []
    w.kvm_lock.lock()
    try:
        active = w.how_many()
        vm = w.vm_list.first()
        while vm is not None:
            found.append(vm.name)
            vm = w.vm_list.next(vm)
        return found, active
    finally:
        w.kvm_lock.unlock()


def report(w):
    w.send(*snapshot(w))
