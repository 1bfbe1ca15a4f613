"""Takes the VM off before it has the lock.

misconception: M1
feedback: `kvm_lock` protects the list, whoever changes it. A walker who stands on this VM, with the lock, finds its
  links gone.
"""

order = ["e", "d", "b", "f", "g", "a", "c"]
