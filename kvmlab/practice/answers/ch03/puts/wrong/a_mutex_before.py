"""Also the one that had the mutex before.

misconception: M10
feedback: The mutex was given back before the put. What you held some time ago keeps nobody waiting.
"""

can_go_wrong = {"b", "c", "d", "f", "g"}
