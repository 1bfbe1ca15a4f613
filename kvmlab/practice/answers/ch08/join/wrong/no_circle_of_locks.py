"""It hangs although nothing is on a circle.

misconception: M3
feedback: They hang, so there is a circle: of one lock and one `join`. For lockdep there is none, and that needs a
  reason: it is not told of the second wait.
"""

verdicts = "b"
because = "1"
