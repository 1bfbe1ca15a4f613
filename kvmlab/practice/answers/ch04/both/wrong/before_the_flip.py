"""The logger comes before the flip.

misconception: M9
feedback: Both wait, and `saves` waits for `logs` as well, since `logs` was inside when the grace period began. It
  would be right if a wait for readers ended with the first of them.
"""

stepper = "1-2-3-1"
