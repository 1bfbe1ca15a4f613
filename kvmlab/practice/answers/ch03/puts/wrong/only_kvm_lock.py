"""Only those that hold kvm_lock.

misconception: M5
feedback: That rules out those who wait for themselves. But a driver's own mutex is enough, if somebody takes it
  inside `kvm_lock`. And whoever holds a spinlock must not wait at all.
"""

can_go_wrong = {"b", "d"}
