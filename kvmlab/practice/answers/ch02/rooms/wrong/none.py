"""Opposite orders are enough.

misconception: M3
feedback: That is right for two mutexes. Readers do not keep readers out, so without a writer both get in everywhere.
"""

writers = "a"
writers_because = "1"
