"""The slots inside the hotplug lock."""

order = "a d e b c f".split()
