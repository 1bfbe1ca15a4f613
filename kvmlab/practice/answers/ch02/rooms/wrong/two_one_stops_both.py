"""Two, and each would do.

misconception: M4
feedback: Two it is. But if one shut door stopped both readers, one writer would be enough. It stops only those who
  come to that door.
"""

writers = "c"
writers_because = "3"
