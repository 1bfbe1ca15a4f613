"""The pen and the stamp are taken.

feedback: `signs` asks for the paper first, and that is still on the desk.
"""

stepper = "1-2"
