"""The other way round, and one step further."""

stepper = "1-1-3"
