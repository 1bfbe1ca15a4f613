"""The loader has kvm_lock, the writer has shut the door."""

stepper = "3-1"
