"""A deadlock, because one task takes it twice.

misconception: M5
feedback: A deadlock it is, and with one task it would be for this reason. Here the lock is held by one task and asked
  for by another, which works for the first.
"""

happens = "d"
happens_because = "3"
