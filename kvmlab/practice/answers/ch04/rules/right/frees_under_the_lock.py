"""Waits between two sections."""


def publish(w, rule):
    w.lock.lock()
    before = w.active.load()
    w.active.store((*before, rule))
    w.lock.unlock()
    return before


def add_rule(w, rule):
    before = publish(w, rule)
    w.srcu.synchronize()
    with w.lock:
        w.free(before)
