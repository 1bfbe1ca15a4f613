"""The event is not among them.

misconception: M9
feedback: Line 9 takes no lock. It waits until somebody says so, with `kvm_lock` held. That is a wait like any other,
  and the only one that lockdep is not told of at all.
"""

unheard_lines = {7, 14}
