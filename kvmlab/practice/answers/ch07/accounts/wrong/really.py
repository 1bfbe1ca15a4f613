"""The report is right.

misconception: M8
feedback: There are two orders if you look at who gives and who takes. The function sorts first, so the smaller number
  always comes first. The report says that it *could* hang, as far as classes tell.
"""

verdict = "a"
because = "2"
