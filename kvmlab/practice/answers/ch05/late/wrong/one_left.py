"""It is too late, and one task can move.

misconception: M2
feedback: It is too late here. But it was before, when more of them could still move, and nothing could be seen.
"""

stepper = "3-1-1-3"
