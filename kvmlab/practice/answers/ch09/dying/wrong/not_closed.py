"""Nobody has closed it.

misconception: M11
feedback: This would be right if being on the list under `kvm_lock` were what you look for. Here the file still has
  its reference: the VM is alive.
"""

stepper = "1-1"
