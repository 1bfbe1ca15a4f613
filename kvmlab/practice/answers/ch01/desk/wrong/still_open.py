"""stamps has the paper, writes has the pen.

misconception: M2
feedback: `signs` waits, but this can still go wrong: when `stamps` is done, `writes` has the pen only, and `signs`
  can be the next one to get the paper.
"""

stepper = "2-2-1"
