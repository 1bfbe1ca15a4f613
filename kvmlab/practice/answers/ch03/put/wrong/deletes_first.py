"""Takes the VM off the list before it looks at the count.

misconception: M11
feedback: It would be right if this put were always the last one. Another task still has the VM, puts it later, and
  takes it off a second time.
"""

order = ["b", "d", "f", "e", "g", "a", "c"]
