"""Without the put.

misconception: M5
feedback: A put of a reference that is not the last waits for nobody. The last one destroys the VM, and with it goes a
  key of its own.
"""

lines = {4, 8, 9}
