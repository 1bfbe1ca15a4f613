"""Also the deferred decrement.

misconception: M9
feedback: It would be right for `static_branch_dec()`. The deferred one lowers a count, or leaves the last step to a
  worker, and waits for neither.
"""

lines = {3, 4, 8, 9, 10}
