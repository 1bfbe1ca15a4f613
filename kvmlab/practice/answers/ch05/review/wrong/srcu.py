"""Also the one that enters SRCU.

misconception: M4
feedback: Who enters SRCU never waits. It is who waits for a grace period that waits for those inside.
"""

lines = {4, 5, 8, 9, 10}
