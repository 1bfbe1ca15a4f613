"""It can, because of opposite orders.

misconception: M3
feedback: It can. But look at any two of the three: they share one lock only, so they have no two locks to take in
  opposite order.
"""

can_deadlock = "b"
because = "1"
