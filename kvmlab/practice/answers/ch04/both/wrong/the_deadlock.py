"""The two alone.

misconception: M9
feedback: With nobody else inside, `saves` waits for `logs` only. And `logs` waits for the lock that `saves` holds.
"""

stepper = "1-3-1"
