"""Pin, drop, lock, put."""

order = ["b", "f", "h", "a", "g", "e", "d", "i", "c"]
