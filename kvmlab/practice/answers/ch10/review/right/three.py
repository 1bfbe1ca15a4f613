"""Two waits and a change."""

faulty_lines = {6, 20, 24}
