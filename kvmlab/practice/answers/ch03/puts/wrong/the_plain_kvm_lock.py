"""Only the put under with w.kvm_lock.

misconception: M7
feedback: That trying never waits is right for the try itself. Once it has worked you hold the lock, and the last put
  waits for it.
"""

can_go_wrong = {"b"}
