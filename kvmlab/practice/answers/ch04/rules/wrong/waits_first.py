"""Waits, then publishes.

feedback: A grace period says that all who were inside when it began have left. Whoever enters after it, and before
  you publish, finds the old version. Publish first, then wait.
"""


def add_rule(w, rule):
    w.srcu.synchronize()
    with w.lock:
        old = w.active.load()
        w.active.store((*old, rule))
    w.free(old)
