"""No two of them take two locks in opposite order.

misconception: M3
feedback: For a deadlock of two you need two locks in opposite order. A circle can have three arrows, and then no pair
  shows it.
"""

can_deadlock = "a"
because = "1"
