"""Both waits.

misconception: M1
feedback: Both waits, right. The third fault is no wait at all: somebody keeps to the lock that guarded the table
  before the patch.
"""

faulty_lines = {6, 20}
