"""Everybody who takes one of the locks.

misconception: M5
feedback: Taking a lock is not enough. Whoever is on a circle waits, and is waited for by somebody on it.
"""

stuck_with_release = {"migrate", "open_device", "poll", "remove_member", "rename", "walk_list"}
