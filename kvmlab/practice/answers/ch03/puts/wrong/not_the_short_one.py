"""All but the shortest one.

misconception: M2
feedback: Get and put in one hold look harmless, and pass every test: the file is open. It may be closed in between,
  without any lock, and then the put is the last.
"""

can_go_wrong = {"c", "d", "f"}
