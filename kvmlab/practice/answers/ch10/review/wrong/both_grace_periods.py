"""Both grace periods.

misconception: M9
feedback: Line 8 waits as well, but `routing_lock` has been given back by then. It holds `vm_lock`, which no reader
  of `srcu` asks for.
"""

faulty_lines = {6, 8, 20, 24}
