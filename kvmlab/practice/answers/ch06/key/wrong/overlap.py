"""Leaves srcu when it has the hotplug lock.

misconception: M4
feedback: You ask for `cpu_hotplug_lock` while you are inside `srcu`, be it for a line or for long. This would be
  right if taking a lock for reading never waited. Here a writer can be at the door, and then a grace period waits
  for you, and somebody for the grace period.
"""

order = "d e a b c f".split()
