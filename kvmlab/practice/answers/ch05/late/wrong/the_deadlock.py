"""The deadlock itself.

misconception: M2
feedback: Everybody sees it here. The question is when it could not be avoided any more, and that was earlier.
"""

stepper = "3-1-1-1-3-2"
