"""Counts the user after it has let go of kvm_lock.

misconception: M1
feedback: `kvm_lock` protects `users`, so the line that changes it belongs inside. Being right after the lock does not
  help.
"""

order = ["b", "d", "c", "a", "f", "e"]
