"""Leave, lock, look again, come back."""


def inhibit(w):
    with w.srcu.read():
        there = w.page.load()
    if there:
        with w.slots_lock:
            if w.page.load():
                w.remove_page()
    with w.srcu.read():
        w.emulate()
