"""Drops kvm_lock after the work.

misconception: M5
feedback: This would be right if whoever holds `slots_lock` waited for nobody. It waits for a grace period. Drop
  `kvm_lock` before you ask for it.
"""

order = "b f h a e d i g c".split()
