"""The grace period waits for all readers.

misconception: M9
feedback: It would be so if a grace period waited until nobody is inside. Then readers who keep coming could keep it
  from ending for ever. It waits for those who were there before it began.
"""

still = "a"
still_because = "3"
