"""Only writes.

feedback: A task alone is a circle only if it waits for itself. For whom does `writes` wait?
"""

on_the_circle = {"writes"}
