"""The reporter is the wrong way round.

feedback: `dev_resume` asks for `link_lock`; that is the first thing that the report says. The second is what it holds
  already.
"""

held = {
    "link_scan": "link_lock",
    "bus_rescan": "bus_lock",
    "dev_suspend": "&dev->mutex",
    "dev_resume": "link_lock",
}
