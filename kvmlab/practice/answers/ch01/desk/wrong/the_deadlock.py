"""Pen and paper, crosswise.

misconception: M2
feedback: You have found the deadlock of this desk. Here is the other case: a wait that ends by itself.
"""

stepper = "1-3"
