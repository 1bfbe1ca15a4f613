"""A deadlock, and nobody told lockdep."""

verdicts = "b"
because = "2"
