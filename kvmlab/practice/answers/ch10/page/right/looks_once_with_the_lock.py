"""Looks only with slots_lock held."""


def inhibit(w):
    w.slots_lock.lock()
    try:
        if w.page.load():
            w.remove_page()
    finally:
        w.slots_lock.unlock()
    index = w.srcu.read_lock()
    w.emulate()
    w.srcu.read_unlock(index)
