"""Whatever may wait.

misconception: M8
feedback: All of these may wait. Of lines 4 and 12 lockdep has been told, and it has drawn the arrows: from `kvm_lock`
  to `slots_lock`, and to `irq_srcu`. The question is which have left none.
"""

unheard_lines = {4, 7, 9, 12, 14}
