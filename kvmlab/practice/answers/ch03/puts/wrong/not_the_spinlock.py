"""All but the one with the spinlock.

misconception: M5
feedback: Nobody takes that spinlock inside `kvm_lock`, so no circle closes. But who holds a spinlock must not sleep,
  and the last put asks for a mutex.
"""

can_go_wrong = {"b", "c", "d"}
