"""writes has all that it needs; signs waits for it."""

stepper = "1-1"
