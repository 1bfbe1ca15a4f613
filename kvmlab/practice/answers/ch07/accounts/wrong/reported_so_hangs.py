"""Whatever is reported hangs.

misconception: M8
feedback: The reason is right: one class under itself. From that lockdep concludes that it may hang. You know more
  than lockdep: the numbers keep every two tasks in one order.
"""

verdict = "a"
because = "3"
