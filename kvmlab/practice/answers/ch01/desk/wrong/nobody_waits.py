"""Only writes has moved.

feedback: `signs` asks for the paper first. Here the paper is still on the desk, whatever else has been taken.
"""

stepper = "1"
