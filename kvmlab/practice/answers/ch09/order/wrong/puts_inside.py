"""Puts while it holds slots_lock.

misconception: M11
feedback: This would be right if the put could not be the last. If it is, it destroys the VM with the mutex that you
  hold. Unlock first.
"""

order = "b f h a g e d c i".split()
