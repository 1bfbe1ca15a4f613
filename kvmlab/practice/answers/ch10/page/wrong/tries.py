"""Goes on if the lock is taken.

misconception: M7
feedback: Giving up would be right if the guest could be told so. It cannot: whoever has `slots_lock` may be at
  something else, and the guest is served with the page still there.
"""


def inhibit(w):
    with w.srcu.read():
        there = w.page.load()
    if there and w.slots_lock.trylock():
        if w.page.load():
            w.remove_page()
        w.slots_lock.unlock()
    with w.srcu.read():
        w.emulate()
