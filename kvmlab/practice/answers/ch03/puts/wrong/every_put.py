"""All of them.

misconception: M11
feedback: A put with no lock held is safe: the last one then destroys the VM, and has only that to do. A lock that you
  have given back before does not count.
"""

can_go_wrong = {"a", "b", "c", "d", "e", "f", "g"}
