"""Also the line that asks whether the key is on.

misconception: M4
feedback: To ask is what a key is made for: one instruction, and it costs nothing. It is the switching that needs the
  CPUs to stand still.
"""

lines = {4, 6, 8, 9, 10}
