"""All of them.

feedback: A reader may wait. It must not wait for somebody who waits for readers. Whoever holds `stats_lock` or
  `net_lock` waits for nobody while it does.
"""

forbidden = {"config_lock", "log_lock", "disk_lock", "stats_lock", "net_lock"}
