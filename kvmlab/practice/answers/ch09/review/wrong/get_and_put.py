"""The get and the put.

misconception: M11
feedback: Right, both. The third is in a line that looks like no work at all: where does the loop find the next VM?
"""

faulty_lines = {4, 9}
