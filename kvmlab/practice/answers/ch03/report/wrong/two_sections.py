"""Lets go of the lock between the two.

misconception: M10
feedback: Two short sections do not wait for anybody, and each is right for itself. But the list is of one moment and
  the number of another.
"""


def report(w):
    with w.kvm_lock:
        names = [vm.name for vm in w.vm_list.each()]
    with w.kvm_lock:
        active = w.how_many()
    w.send(names, active)
