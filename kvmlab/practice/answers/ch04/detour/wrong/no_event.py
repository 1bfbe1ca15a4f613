"""The event is not followed.

misconception: M9
feedback: These are all, as long as only locks are waited for. `flush` waits for an event, and the one who brings it
  about waits for a lock first.
"""

forbidden = {"config_lock", "log_lock"}
