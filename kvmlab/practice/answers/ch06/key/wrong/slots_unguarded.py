"""Uses the slots after it has left srcu.

misconception: M11
feedback: A read-side section protects what you do inside it. After you have left, the old slots may be freed at any
  time.
"""

order = "d b e a c f".split()
