"""Only the writer that asks for kvm_lock.

misconception: M5
feedback: Right, and there is one more. The writer need not ask for any lock of the four: that it waits for the
  readers is enough.
"""

the_fifth = {"cpu_online"}
