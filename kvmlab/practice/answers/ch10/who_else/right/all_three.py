"""One pair, and a circle of three."""

stuck_with_release = {"migrate", "remove_member", "walk_list"}
