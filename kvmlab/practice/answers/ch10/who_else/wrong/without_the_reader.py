"""The two who hold group_lock and wait.

misconception: M4
feedback: `remove_member` waits for a reader of `srcu`. A reader never waits to get in; this one waits once it is
  inside.
"""

stuck_with_release = {"migrate", "remove_member"}
