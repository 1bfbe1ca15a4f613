"""Whoever takes the hotplug lock.

misconception: M4
feedback: All of these ask for `cpu_hotplug_lock`, but readers do not keep readers out. Only a writer shuts the
  door.
"""

the_fifth = {"count_cpus", "second_vcpu", "cpu_offline", "cpu_online", "resize"}
