"""Right, for everybody.

misconception: M9
feedback: At step 6 `B` is still inside. If it waited for everybody, it could not return before step 7.
"""

returns_after = "b"
because = "1"
