"""The plain get only.

misconception: M11
feedback: Right, and two more: think of the last reference, and of what the loop itself reads.
"""

faulty_lines = {4}
