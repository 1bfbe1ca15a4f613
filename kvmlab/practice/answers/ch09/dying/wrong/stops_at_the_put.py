"""The closer has put, and the visitor has not begun.

feedback: That is the gap. Now bring the visitor to where it asks for the VM.
"""

stepper = "2"
