"""Leaves out the count.

misconception: M11
feedback: This would be right if a VM had one reference only. Others may have one, and they count on it.
"""

order = ["b", "d", "f", "g", "a", "c"]
