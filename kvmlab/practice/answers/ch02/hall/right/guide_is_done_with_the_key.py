"""The guide has put the key back and is still inside."""

stepper = "1-1-1-2-3-2"
