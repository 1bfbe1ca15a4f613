"""Tasks that want kvm_lock inside srcu.

misconception: M3
feedback: `shrink` does close a circle with these tasks, and a shorter one. In that one nobody keeps the vCPU out of
  `cpu_hotplug_lock`; the report says that it waits there.
"""

the_fifth = {"shrink"}
