"""A blind spot.

misconception: M8
feedback: A blind spot is a circle of which lockdep has been told everything, and which it does not see. Here it was
  not told: with the complete rules it is silent as well.
"""

verdicts = "b"
because = "4"
