"""Whoever asks for list_lock inside group_lock.

misconception: M7
feedback: `rename` only tries. Nobody ever waits for `rename` for long: it has its answer at once, and goes on. And
  there are circles with other waits than for a lock.
"""

stuck_with_release = {"migrate", "rename"}
