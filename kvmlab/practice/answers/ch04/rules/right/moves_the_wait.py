"""Publishes under the lock, and waits after it."""


def add_rule(w, rule):
    with w.lock:
        old = w.active.load()
        w.active.store((*old, rule))
    w.srcu.synchronize()
    w.free(old)
