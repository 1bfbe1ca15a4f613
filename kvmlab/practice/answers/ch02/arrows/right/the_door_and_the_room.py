"""Two wait for the writer, who waits for the one inside."""

waits_for = {"guide": "warden", "warden": "painter", "painter": "guide", "cleaner": "painter"}
