"""The order of the unlocks makes no difference."""

order = ["b", "d", "f", "c", "e", "a"]
