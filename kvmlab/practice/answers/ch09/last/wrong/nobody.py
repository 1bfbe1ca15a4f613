"""Nobody.

misconception: M11
feedback: That would be right if the walk had forgotten its put. It puts, and the count goes to 0.
"""

who = "c"
who_because = "4"
