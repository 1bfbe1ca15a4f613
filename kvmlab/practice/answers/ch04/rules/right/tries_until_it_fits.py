"""Publishes if nothing has changed, else begins again."""


def add_rule(w, rule):
    while True:
        old = w.active.load()
        new = (*old, rule)
        with w.lock:
            if w.active.load() == old:
                w.active.store(new)
                break
    w.srcu.synchronize()
    w.free(old)
