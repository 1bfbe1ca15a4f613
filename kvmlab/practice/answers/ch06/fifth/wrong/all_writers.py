"""Every task that writes.

misconception: M3
feedback: Three write, and any of them can end in some deadlock with these four. But the report says who has
  `slots_lock` of VM 1: a second one cannot have it, and without it `resize` never gets to the door.
"""

the_fifth = {"cpu_offline", "cpu_online", "resize"}
