"""Each line in the other one's section.

misconception: M1
feedback: Two sections, and in each the wrong line. A lock does not guard whatever happens while it is held: `srcu`
  guards the slots, `cpu_hotplug_lock` guards the key.
"""

order = "d c b a e f".split()
