"""Leaves out the last line.

feedback: Two locks are taken, so two must be given back. Somebody else needs each of them.
"""

order = ["b", "d", "c", "f", "a"]
