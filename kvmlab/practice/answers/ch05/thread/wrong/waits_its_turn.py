"""The thread waits until the lock is free.

misconception: M9
feedback: That would be right if the writer went on by itself. It waits for the thread, and waiting for an event is
  waiting for somebody.
"""

happens = "a"
happens_because = "4"
