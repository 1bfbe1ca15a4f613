"""Count, list, memory."""

order = ["e", "b", "d", "f", "g", "a", "c"]
