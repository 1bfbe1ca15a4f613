"""Serves at once if the page has gone already."""


def inhibit(w):
    index = w.srcu.read_lock()
    while w.page.load():
        w.srcu.read_unlock(index)
        with w.slots_lock:
            if w.page.load():
                w.remove_page()
        index = w.srcu.read_lock()
    w.emulate()
    w.srcu.read_unlock(index)
