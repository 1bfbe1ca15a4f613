"""Does not free.

feedback: Nobody uses what was freed, since nothing is. It would be right if memory had no end.
"""


def add_rule(w, rule):
    with w.lock:
        w.active.store((*w.active.load(), rule))
    w.srcu.synchronize()
