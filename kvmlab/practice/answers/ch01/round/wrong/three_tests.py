"""It was run and did not hang.

misconception: M2
feedback: A run tells you about the order of events that it took. There are others.
"""

can_deadlock = "a"
because = "3"
