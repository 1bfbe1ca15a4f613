"""The closer drops its reference, the visitor gets there first."""

stepper = "2-1-1"
