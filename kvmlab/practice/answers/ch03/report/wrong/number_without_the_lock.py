"""Loads the number without the lock.

misconception: M1
feedback: Who only reads needs the lock as well: list and number change meanwhile, and they belong together.
  `kvm_lock` protects these data, not the code that changes them.
"""


def report(w):
    with w.kvm_lock:
        names = [vm.name for vm in w.vm_list.each()]
    w.send(names, w.how_many())
