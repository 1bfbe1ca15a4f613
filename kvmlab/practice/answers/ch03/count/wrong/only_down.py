"""It can only go down.

misconception: M1
feedback: It would be right if getting a reference took `kvm_lock`. Neither does: who has a reference gets another
  one, for a new vCPU, without any lock.
"""

second = "b"
second_because = "4"
