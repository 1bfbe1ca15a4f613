"""The same number twice.

misconception: M1
feedback: That would be right if `kvm_lock` guarded everything about a VM. It guards the list. Whoever has a reference
  goes on using the VM, and drops it when it is done.
"""

second = "a"
second_because = "1"
