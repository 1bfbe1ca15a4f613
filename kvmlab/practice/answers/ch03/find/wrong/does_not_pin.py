"""Returns the VM without a reference.

misconception: M11
feedback: This would be right if finding a VM kept it. When you return, your caller has no reference of its own: it
  uses the VM without one, and then puts one that it does not have.
"""


def find(w, name):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            if vm.name == name:
                return vm
    return None
