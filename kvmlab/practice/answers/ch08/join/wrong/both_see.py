"""Lockdep sees it.

misconception: M9
feedback: It would see it if a `join` were a lock. Lockdep hears when the lock is taken and given back. That its owner
  waits for a thread in between nobody tells it.
"""

verdicts = "a"
because = "3"
