"""They wait one behind the other.

misconception: M9
feedback: A condition looks like a queue, but nobody waits for the one before it. Ask who makes the test of the
  `while` loop false.
"""

waits_for = {"guide": "warden", "warden": "cleaner", "painter": "guide", "cleaner": "painter"}
