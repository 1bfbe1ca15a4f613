"""Lets the lock go between load and store.

misconception: M10
feedback: Two sections instead of one, and the wait is outside. But what you have loaded may be out of date when you
  store, and readers of the old version may have entered after the wait. A shorter section is right only if what
  belongs together stays inside.
"""


def add_rule(w, rule):
    with w.lock:
        old = w.active.load()
    w.srcu.synchronize()
    with w.lock:
        w.active.store((*old, rule))
    w.free(old)
