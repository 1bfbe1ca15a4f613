"""Nobody has shut the door.

misconception: M4
feedback: Without a writer the warden walks in: readers do not keep readers out. Let the painter come before it.
"""

stepper = "1-1-1-2-2"
