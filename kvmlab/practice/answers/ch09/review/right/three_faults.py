"""All three."""

faulty_lines = {3, 4, 9}
