"""The closer runs to its end first.

misconception: M11
feedback: The closer has gone on too far. Between its put and its `list_del` there is a gap, and you want to be in it.
"""

stepper = "2x12"
