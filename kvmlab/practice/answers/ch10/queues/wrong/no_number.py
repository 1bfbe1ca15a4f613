"""No number is enough.

misconception: M10
feedback: More *places* would only make it rarer, if there were more items as well. More queues are something else:
  nobody waits behind those who wait for it.
"""

queues = "none"
queues_because = "c"
