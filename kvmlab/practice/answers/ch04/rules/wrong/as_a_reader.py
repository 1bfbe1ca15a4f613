"""Is a reader itself.

misconception: M4
feedback: You look at the version, so you enter. But then you wait for all readers, and you are one. Whoever holds the
  lock needs no section: nobody else can publish.
"""


def add_rule(w, rule):
    with w.srcu.read():
        with w.lock:
            old = w.active.load()
            w.active.store((*old, rule))
        w.srcu.synchronize()
    w.free(old)
