"""The key, then the slots."""

order = "a c f d e b".split()
