"""Finds the VM before it has kvm_lock.

misconception: M11
feedback: Finding a VM and pinning it belong in one hold of `kvm_lock`. Before it the head of the list may change, and
  after it nothing keeps the VM: `get_safe` says no to a dying VM, but it must be there to be asked.
"""

order = "f b h a g e d i c".split()
