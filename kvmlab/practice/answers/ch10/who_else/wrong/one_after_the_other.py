"""Whoever takes both.

misconception: M5
feedback: `poll` takes both, but never holds one while it asks for the other. Who else waits while `group_lock` is
  held?
"""

stuck_with_release = {"migrate", "poll"}
