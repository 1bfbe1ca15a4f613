"""The warden waits for the key.

feedback: The warden waits, but for a mutex. That is an ordinary wait for its owner; here it should stand at the door
  of the hall.
"""

stepper = "1-1-3"
