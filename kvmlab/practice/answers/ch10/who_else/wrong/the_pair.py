"""Only the one with the two locks.

misconception: M3
feedback: Right, and that is all there is if you look at pairs. Now look for a circle of three: who waits with
  `group_lock` held, and for what?
"""

stuck_with_release = {"migrate"}
