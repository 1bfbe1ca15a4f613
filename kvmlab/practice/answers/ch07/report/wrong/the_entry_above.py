"""The lock of the entry above.

feedback: You have gone up the list. A way from the lock asked for now leads through #1, #2, #3, so each entry was
  made under the one with the smaller number: the one below it.
"""

held = {
    "link_scan": "&dev->mutex",
    "bus_rescan": "state_lock",
    "dev_suspend": "link_lock",
    "dev_resume": "bus_lock",
}
