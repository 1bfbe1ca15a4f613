"""The writer is in before the notifier comes."""

stepper = "1-2-2-2-4-1-5-5-3-4"
