"""A worker, later.

misconception: M11
feedback: Some objects of the kernel are handed to a worker when their count is 0. `kvm_put_kvm()` does it at once, in
  the task that calls it: that is why you must hold no lock there.
"""

who = "d"
who_because = "2"
