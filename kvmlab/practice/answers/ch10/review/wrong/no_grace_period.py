"""The mutex and the unguarded change.

misconception: M9
feedback: Right, both. The third is a wait for something that is not called a lock, in a place where nothing must be
  waited for.
"""

faulty_lines = {6, 24}
