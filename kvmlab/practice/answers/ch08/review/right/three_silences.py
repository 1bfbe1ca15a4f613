"""A blind spot, out of sight, and not run."""

unheard_lines = {7, 9, 14}
