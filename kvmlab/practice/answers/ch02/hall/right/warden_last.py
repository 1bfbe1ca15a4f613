"""The painter comes before the warden has the key."""

stepper = "1x3-3-2-2"
