"""Right, because the task must be out.

feedback: Suppose that `A` leaves the outer section first and stays in the inner one. Then it is still inside, and
  `synchronize` may return: the section that it waited for has ended. Sections are counted, not tasks.
"""

returns_after = "b"
because = "3"
