"""Whoever closes the file.

misconception: M11
feedback: That would be right if closing the file killed the VM. It drops one reference, and the walk has another.
"""

who = "a"
who_because = "1"
