"""The logger has not begun.

feedback: One more move. Now whoever enters is not waited for.
"""

stepper = "1-2-1"
