"""Takes no lock, since it only reads.

misconception: M1
feedback: Who only reads needs the lock as well: list and number change meanwhile, and they belong together.
  `kvm_lock` protects these data, not the code that changes them.
"""


def report(w):
    active = w.how_many()
    names = [vm.name for vm in w.vm_list.each()]
    w.send(names, active)
