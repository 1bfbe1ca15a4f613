"""What comes before it in a task.

feedback: `connect` has given `net_lock` back before it asks for `config_lock`. Only what is held while one waits
  makes others wait.
"""

forbidden = {"config_lock", "log_lock", "disk_lock", "net_lock"}
