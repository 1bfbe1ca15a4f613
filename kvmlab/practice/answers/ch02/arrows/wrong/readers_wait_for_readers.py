"""The reader waits for the reader inside.

misconception: M4
feedback: That would be right if readers kept readers out. The warden tests `self.writer` only, and the one inside
  never touches that.
"""

waits_for = {"guide": "warden", "warden": "guide", "painter": "guide", "cleaner": "painter"}
