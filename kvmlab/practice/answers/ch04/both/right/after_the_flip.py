"""The logger comes after the flip."""

stepper = "1-2-1-3"
