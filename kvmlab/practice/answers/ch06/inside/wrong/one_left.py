"""One task has not asked yet.

misconception: M2
feedback: Almost. Whoever has not asked does not wait yet, even if it cannot get what it is going to ask for.
"""

stepper = "1-2-2-2-4-1-5-5-3"
