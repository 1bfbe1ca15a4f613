"""Only with another reader.

misconception: M4
feedback: That is the deadlock of two readers and a writer between them. Here the writer holds the lock already, so
  one reader is enough.
"""

happens = "b"
happens_because = "4"
