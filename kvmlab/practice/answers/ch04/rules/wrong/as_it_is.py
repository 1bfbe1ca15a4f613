"""As it is.

misconception: M9
feedback: To wait under the lock is right if no reader ever takes it. A packet does. It is inside and waits for the
  lock; you hold the lock and wait for the packet.
"""


def add_rule(w, rule):
    with w.lock:
        old = w.active.load()
        w.active.store((*old, rule))
        w.srcu.synchronize()
        w.free(old)
