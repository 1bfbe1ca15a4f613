"""Puts before the work.

misconception: M11
feedback: With the put the pin is gone, and the VM may go with it. The put comes when the work is done.
"""

order = "b f h a g c e d i".split()
