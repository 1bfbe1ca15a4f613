"""The writer waits for the reader at the door.

misconception: M9
feedback: The warden is not inside, so nobody counts it among the readers. The painter waits until `self.readers` is
  0, and one task alone can do that.
"""

waits_for = {"guide": "warden", "warden": "painter", "painter": "warden", "cleaner": "painter"}
