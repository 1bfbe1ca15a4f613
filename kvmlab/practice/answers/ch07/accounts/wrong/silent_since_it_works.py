"""Nothing happens, nothing is reported.

misconception: M2
feedback: Lockdep does not wait until something happens. It reports what could happen, as far as it can see, and here
  it sees less than you.
"""

verdict = "c"
because = "4"
