"""Right, since it passed.

misconception: M2
feedback: That no run has hung says nothing yet. What keeps it from hanging is the order by number.
"""

verdict = "b"
because = "4"
