"""The vCPU is the first to come."""

stepper = "4-1-1-2-2-2-5-5-4-3"
