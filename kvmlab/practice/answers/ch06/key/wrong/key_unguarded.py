"""Raises the key after it has left the hotplug lock.

misconception: M1
feedback: The lock guards the key, not the line in which you take it. The key must change between lock and unlock.
"""

order = "d e b a f c".split()
