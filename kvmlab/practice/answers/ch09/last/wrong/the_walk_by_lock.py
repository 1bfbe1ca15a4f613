"""The walk, because it holds a lock.

misconception: M1
feedback: It is the walk. But no lock makes it so, and `slots_lock` is not held any more: a count of 0 does.
"""

who = "b"
who_because = "2"
