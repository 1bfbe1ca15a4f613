"""A false alarm.

misconception: M9
feedback: That `close` has the lock while it waits is just what hangs: the worker needs that lock before it can end.
  And lockdep cannot alarm of what nobody tells it.
"""

verdicts = "c"
because = "3"
