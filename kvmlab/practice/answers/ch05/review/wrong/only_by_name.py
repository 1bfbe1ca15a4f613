"""Only the hotplug state.

misconception: M6
feedback: It is the only line with a CPU in its name. The others take the same lock, and do not say so: that is what
  the document means by unknowingly.
"""

lines = {9}
