"""It always deadlocks.

misconception: M2
feedback: If one of them runs to its end before the next begins, nobody ever waits. It takes an unlucky order.
"""

can_deadlock = "c"
because = "2"
