"""It must end in the deadlock.

misconception: M9
feedback: A grace period does not wait until nobody is inside. And even where it has to wait for a reader, that
  reader may leave in time: a deadlock takes all five at the wrong moment.
"""

still = "b"
still_because = "3"
