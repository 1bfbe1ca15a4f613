"""Gives back the links before it is off the list.

misconception: M11
feedback: The links are part of the VM's memory, and the list still uses them. First off the list, then free.
"""

order = ["e", "a", "b", "d", "f", "g", "c"]
