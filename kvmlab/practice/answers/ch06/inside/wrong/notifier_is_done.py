"""The notifier comes first and gets to its end.

misconception: M3
feedback: Four tasks are enough for a deadlock here, and the notifier has come to its end. You are asked for the one
  in which it waits as well.
"""

stepper = "1-3-3-3-2-2-2-3-4-1-5-4-5"
