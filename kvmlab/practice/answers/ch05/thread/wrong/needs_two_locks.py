"""A deadlock, because of two orders.

misconception: M3
feedback: A deadlock it is, but there is only one lock. The second wait is for an event.
"""

happens = "d"
happens_because = "1"
