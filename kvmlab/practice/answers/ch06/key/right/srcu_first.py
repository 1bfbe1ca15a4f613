"""The slots, then the key."""

order = "d e b a c f".split()
