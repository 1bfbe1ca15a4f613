"""All but the one with its own mutex.

misconception: M5
feedback: This would be right if a driver's mutex were nobody else's business. `set_irqs` takes it inside `kvm_lock`,
  and the last put takes `kvm_lock` inside it.
"""

can_go_wrong = {"b", "d", "f"}
