"""Takes the VMs that it began with.

misconception: M2
feedback: It would be right if no VM ever came or went, and a test in which none does passes. `w.vms` is what the host
  began with; who is there now stands on `w.vm_list`.
"""


def report(w):
    names = [vm.name for vm in w.vms]
    w.send(names, len(names))
