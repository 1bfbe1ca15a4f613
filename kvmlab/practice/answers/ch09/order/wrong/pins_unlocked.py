"""Pins after it has dropped kvm_lock.

misconception: M11
feedback: Finding a VM and pinning it belong in one hold of `kvm_lock`. Before it the head of the list may change, and
  after it nothing keeps the VM: `get_safe` says no to a dying VM, but it must be there to be asked.
"""

order = "b f h g a e d i c".split()
