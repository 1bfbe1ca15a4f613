"""Loads before it locks.

misconception: M1
feedback: The lock is held around the store only. Between your load and your store somebody else may publish, and you
  undo it. What belongs together is the load with the store.
"""


def add_rule(w, rule):
    old = w.active.load()
    with w.lock:
        w.active.store((*old, rule))
    w.srcu.synchronize()
    w.free(old)
