"""A function that finds and pins the next VM, and lets go of the one before."""

from kvmlab.kvm import get_safe, put


def following(w, vm):
    """The next VM after `vm` that lives, pinned; `vm` itself is put."""
    with w.kvm_lock:
        found = w.vm_list.next(vm) if vm else w.vm_list.first()
        while found and not get_safe(found):
            found = w.vm_list.next(found)
    if vm:
        put(w, vm)
    return found


def walk(w):
    vm = following(w, None)
    while vm:
        with vm.slots_lock:
            w.zap(vm)
        vm = following(w, vm)
