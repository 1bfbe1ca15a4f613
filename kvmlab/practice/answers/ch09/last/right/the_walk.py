"""The walk, whose put is the last."""

who = "b"
who_because = "3"
