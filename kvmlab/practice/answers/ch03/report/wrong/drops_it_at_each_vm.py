"""Lets go of the lock at each VM.

misconception: M11
feedback: To let go in the middle of a walk is fine if something else keeps the VM. Nothing does here: it may leave
  the list before you read its `next`.
"""


def report(w):
    names = []
    w.kvm_lock.lock()
    active = w.how_many()
    for vm in w.vm_list.each():
        names.append(vm.name)
        w.kvm_lock.unlock()
        w.kvm_lock.lock()
    w.kvm_lock.unlock()
    w.send(names, active)
