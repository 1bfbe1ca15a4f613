"""Frees the VM before it is off the list.

misconception: M11
feedback: Nobody has a reference, so it looks free to go. But it is on the list still: a walker comes by, asks it for
  a reference, and touches memory that is gone.
"""

order = ["e", "g", "c", "b", "d", "f", "a"]
