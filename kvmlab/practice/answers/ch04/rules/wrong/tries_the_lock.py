"""Gives up if the lock is taken.

misconception: M7
feedback: Here nobody needs to fear the lock any more, since the wait is outside. And whoever gives up has not added
  the rule.
"""


def add_rule(w, rule):
    if not w.lock.trylock():
        return
    old = w.active.load()
    w.active.store((*old, rule))
    w.lock.unlock()
    w.srcu.synchronize()
    w.free(old)
