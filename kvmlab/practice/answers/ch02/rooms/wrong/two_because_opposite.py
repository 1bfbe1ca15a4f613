"""Two, because of the orders.

misconception: M3
feedback: Two it is. But the opposite orders alone do nothing: without writers both readers get in. Say what the
  writers add.
"""

writers = "c"
writers_because = "1"
