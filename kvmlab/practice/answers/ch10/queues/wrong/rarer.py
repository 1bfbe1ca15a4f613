"""Three make it rare enough.

misconception: M10
feedback: Three it is, and with them it is not rarer but impossible: nobody waits for a place that somebody has who
  waits for it.
"""

queues = "3"
queues_because = "c"
