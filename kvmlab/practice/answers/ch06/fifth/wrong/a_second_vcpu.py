"""Another vCPU.

misconception: M4
feedback: A second vCPU does what the first one does, and would be in the report's place with it. What keeps either
  out of `cpu_hotplug_lock`? Readers let readers in.
"""

the_fifth = {"second_vcpu"}
