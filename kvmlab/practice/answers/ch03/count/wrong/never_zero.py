"""It is never 0 on the list.

misconception: M11
feedback: That would be right if a VM left the list before its last put. It leaves it afterwards, and needs the lock
  that you hold.
"""

second = "c"
second_because = "2"
