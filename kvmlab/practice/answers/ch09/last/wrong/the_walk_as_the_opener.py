"""The walk, for the wrong reason.

misconception: M11
feedback: It is the walk. But not because it came first: the order in which references were taken means nothing, only
  which is dropped last.
"""

who = "b"
who_because = "1"
