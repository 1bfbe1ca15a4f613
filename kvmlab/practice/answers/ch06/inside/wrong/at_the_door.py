"""The shortest deadlock.

misconception: M4
feedback: That is the deadlock that the stepper shows you, with a writer who waits. Here the writer should be the
  one who is inside. So the notifier must come after it.
"""

stepper = "1-2-2-2-3-4-1-5-4"
