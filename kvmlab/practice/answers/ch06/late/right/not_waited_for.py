"""Nobody waits for the late reader."""

still = "c"
still_because = "2"
