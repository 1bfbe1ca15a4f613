"""Lets go of the hotplug lock before it switches.

misconception: M6
feedback: `_cpuslocked` does not mean that it locks. It means that its caller holds the hotplug lock, and that the set
  of CPUs stands still until it returns.
"""

order = ["b", "d", "e", "c", "f", "a"]
