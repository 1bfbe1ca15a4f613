"""It can be 0, because there is a reference.

misconception: M11
feedback: It is what happens, but this reason says the opposite: with a reference left the count is not 0.
"""

second = "d"
second_because = "2"
