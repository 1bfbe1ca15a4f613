"""The visitor has its reference already.

misconception: M11
feedback: The visitor has asked while the count was 1. So the VM lives as long as its pin, whatever the closer does.
"""

stepper = "1-1-1-2"
