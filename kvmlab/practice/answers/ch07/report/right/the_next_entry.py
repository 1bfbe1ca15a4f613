"""The lock of the entry below."""

held = {
    "link_scan": "link_lock",
    "bus_rescan": "bus_lock",
    "dev_suspend": "&dev->mutex",
    "dev_resume": "state_lock",
}
