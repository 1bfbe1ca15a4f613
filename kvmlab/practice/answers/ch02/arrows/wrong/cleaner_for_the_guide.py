"""The second writer waits for the readers.

feedback: It would be right if the cleaner were first at the door. It stands in the other loop, the one that tests
  `self.writer`.
"""

waits_for = {"guide": "warden", "warden": "painter", "painter": "guide", "cleaner": "guide"}
