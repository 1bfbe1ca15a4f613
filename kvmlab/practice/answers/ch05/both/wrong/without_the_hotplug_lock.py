"""Switches the key before it has the hotplug lock.

misconception: M6
feedback: `_cpuslocked` does not mean that it locks. It means that its caller holds the hotplug lock, and that the set
  of CPUs stands still until it returns.
"""

order = ["c", "b", "d", "f", "a", "e"]
