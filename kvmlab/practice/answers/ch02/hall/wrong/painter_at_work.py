"""The painter is inside.

misconception: M4
feedback: This would be right if only a writer who holds the lock stopped readers. Here that is so. The question is
  about one who is still waiting.
"""

stepper = "3x2-2-2"
