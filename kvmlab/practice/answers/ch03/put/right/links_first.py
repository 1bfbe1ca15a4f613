"""The order in which memory is given back does not matter."""

order = ["e", "b", "d", "f", "a", "c", "g"]
