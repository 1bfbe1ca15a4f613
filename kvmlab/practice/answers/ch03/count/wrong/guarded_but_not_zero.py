"""It changes, but not to 0.

misconception: M11
feedback: You have the reason. Go one step further: the last put needs no lock either. Only what comes after it does.
"""

second = "c"
second_because = "3"
