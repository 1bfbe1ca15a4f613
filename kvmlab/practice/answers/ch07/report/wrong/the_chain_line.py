"""From the line "Chain exists of".

misconception: M3
feedback: That line names the first, one in the middle, and the last. It leaves `bus_lock` out, and somebody holds it:
  the chain above has all four.
"""

held = {
    "link_scan": "link_lock",
    "bus_rescan": "link_lock",
    "dev_suspend": "&dev->mutex",
    "dev_resume": "state_lock",
}
