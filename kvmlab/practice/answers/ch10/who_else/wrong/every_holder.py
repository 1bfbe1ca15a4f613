"""Everybody who holds group_lock.

misconception: M5
feedback: All of these hold `group_lock`, and `release` waits for them. A circle needs the way back: which of them
  waits, meanwhile, for something that `release` keeps?
"""

stuck_with_release = {"migrate", "open_device", "poll", "remove_member", "rename"}
