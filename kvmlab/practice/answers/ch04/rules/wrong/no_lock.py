"""Without the lock.

misconception: M1
feedback: Now nobody hangs, and it would be right if only one task ever added rules. Two of them load the same
  version, and the second store undoes the first. SRCU keeps readers safe; it does not keep changes apart.
"""


def add_rule(w, rule):
    old = w.active.load()
    w.active.store((*old, rule))
    w.srcu.synchronize()
    w.free(old)
