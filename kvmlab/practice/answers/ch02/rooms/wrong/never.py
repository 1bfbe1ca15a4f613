"""Readers never wait.

misconception: M4
feedback: That is right for SRCU. A reader of this lock never waits for a reader, but it waits for a writer who waits
  for one.
"""

writers = "d"
writers_because = "2"
