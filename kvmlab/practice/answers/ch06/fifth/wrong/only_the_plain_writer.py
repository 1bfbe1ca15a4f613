"""Only the writer that does nothing else.

misconception: M5
feedback: Right, and there is one more. What a writer would do once it is inside does not matter while it waits at
  the door.
"""

the_fifth = {"cpu_offline"}
