"""The lock of its own entry.

feedback: An entry names the lock that was asked for, and its stack is that of whoever asked. Your answer would be
  right if it named what was held. What was held is the lock of the next entry below.
"""

held = {
    "link_scan": "bus_lock",
    "bus_rescan": "&dev->mutex",
    "dev_suspend": "state_lock",
    "dev_resume": "link_lock",
}
