"""Only the key that is raised.

misconception: M6
feedback: The key is the best known of them. But the set of CPUs matters to others, too: who rewrites a call, and who
  wants a callback on each CPU.
"""

lines = {4}
