"""Three waits close as well as two."""

can_deadlock = "b"
because = "2"
