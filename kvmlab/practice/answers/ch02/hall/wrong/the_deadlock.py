"""The deadlock of the chapter.

misconception: M2
feedback: The same three waits, and nobody can end them: this is the deadlock. Let the guide be further on when the
  warden takes the key.
"""

stepper = "1-2-3-2"
