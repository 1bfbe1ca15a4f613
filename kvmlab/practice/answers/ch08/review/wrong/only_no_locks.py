"""What is no lock.

misconception: M8
feedback: A wait that nobody tells of is one reason for a silence. Two more are in this patch: a flaw of the tool, and
  code that did not run.
"""

unheard_lines = {9}
