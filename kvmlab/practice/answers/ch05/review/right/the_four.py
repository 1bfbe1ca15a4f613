"""A key, a call, a state, a put."""

lines = {4, 8, 9, 10}
