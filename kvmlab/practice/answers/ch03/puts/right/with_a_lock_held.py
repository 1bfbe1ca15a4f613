"""Those that hold a lock."""

can_go_wrong = {"b", "c", "d", "f"}
