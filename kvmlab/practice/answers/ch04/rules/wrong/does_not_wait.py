"""Frees at once.

misconception: M11
feedback: Nobody finds the old version any more, and that is right. Whoever has found it before still uses it.
"""


def add_rule(w, rule):
    with w.lock:
        old = w.active.load()
        w.active.store((*old, rule))
    w.free(old)
