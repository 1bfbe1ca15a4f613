"""One of the two is enough.

feedback: The task is still inside after step 5. It would be right if a task were either in or out. Sections are
  counted, not tasks: the one that was open at step 2 ends with step 6.
"""

returns_after = "a"
because = "3"
