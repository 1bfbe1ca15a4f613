"""One lock is no circle.

misconception: M9
feedback: A circle of locks needs two. A circle of waits does not: the worker waits for the lock, and whoever has the
  lock waits for the worker. A wait for an event is as good as a lock.
"""

verdicts = "d"
because = "1"
