"""Taking the new lock inside others.

misconception: M5
feedback: Taking `routing_lock` with other locks held is what an innermost lock is there for. Ask what happens
  *inside* it.
"""

faulty_lines = {3, 12, 17}
