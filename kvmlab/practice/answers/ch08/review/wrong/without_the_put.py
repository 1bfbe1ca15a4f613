"""The put is not among them.

misconception: M11
feedback: In this run the put was not the last one, and a put that is not the last waits for nobody. Line 14 may be
  the last.
"""

unheard_lines = {7, 9}
