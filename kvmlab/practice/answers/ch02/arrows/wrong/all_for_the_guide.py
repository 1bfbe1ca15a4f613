"""Everybody waits for the one inside.

misconception: M4
feedback: The guide inside is the end of every chain here, but not the next link of each. Only the painter looks at
  `self.readers`.
"""

waits_for = {"guide": "warden", "warden": "guide", "painter": "guide", "cleaner": "guide"}
