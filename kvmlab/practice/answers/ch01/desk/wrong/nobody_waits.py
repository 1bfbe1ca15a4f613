"""Only writes has moved.

feedback: Nobody has taken the paper yet, so `signs` could still go on.
"""

stepper = "1"
