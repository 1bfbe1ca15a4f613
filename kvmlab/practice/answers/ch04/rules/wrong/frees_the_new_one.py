"""Frees what is in force.

feedback: After the store, `active` is the new version. Keep the old one in a variable before you store.
"""


def add_rule(w, rule):
    with w.lock:
        w.active.store((*w.active.load(), rule))
    w.srcu.synchronize()
    w.free(w.active.load())
