"""Two writers, one at each lock."""

writers = "c"
writers_because = "4"
