"""Copies the list under kvm_lock, and pins nothing.

misconception: M11
feedback: A copy of the list would be right if it held the VMs, as a Python list does. In the kernel it holds pointers,
  and a VM may be freed while you have one. Pin each before you let go of `kvm_lock`.
"""


def walk(w):
    with w.kvm_lock:
        copied = list(w.vm_list.each())
    for vm in copied:
        with vm.slots_lock:
            w.zap(vm)
