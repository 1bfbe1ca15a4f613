"""The request behind the reader is not among them.

misconception: M8
feedback: `irq_lock` is a lock, and lockdep is told of it. But it draws its arrow from the innermost lock that was
  waited for, and stops: that is the reader. Of `kvm_lock` and `irq_lock` it knows nothing.
"""

unheard_lines = {9, 14}
