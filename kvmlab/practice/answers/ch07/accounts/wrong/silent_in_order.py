"""An order is an order.

misconception: M6
feedback: So it is, and the exercise of chapter 1 has proven it. Lockdep would be silent if each account had a class
  of its own. It knows classes, and here one is taken under itself; which of the two comes first it cannot see.
"""

verdict = "c"
because = "1"
