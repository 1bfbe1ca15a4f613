"""Whatever is taken next to it.

misconception: M3
feedback: `measure` takes `stats_lock` inside `config_lock`, and gives it back without waiting for anybody. A reader
  that waits for `stats_lock` waits for that, and no longer.
"""

forbidden = {"config_lock", "log_lock", "disk_lock", "stats_lock"}
