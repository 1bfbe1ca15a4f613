"""Only the loader has moved.

misconception: M2
feedback: As long as the door is open the loader gets in, raises the key and gives `kvm_lock` back. Let somebody shut
  the door.
"""

stepper = "3"
