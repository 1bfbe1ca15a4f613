"""The other mutex only.

misconception: M9
feedback: Right, and two more. Waiting for an event is a wait, too; and the lock was made to guard something.
"""

faulty_lines = {6}
