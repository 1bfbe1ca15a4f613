"""It can, because it was not run often enough.

misconception: M2
feedback: It can. That is a property of the program, though, and not of how often you have run it.
"""

can_deadlock = "b"
because = "3"
