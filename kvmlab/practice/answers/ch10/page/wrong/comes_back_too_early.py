"""Is a reader again when it removes.

misconception: M5
feedback: You have left `srcu`, and come back before you remove the page. With `slots_lock` held nobody else changes
  it, so you may look without being a reader.
"""


def inhibit(w):
    with w.srcu.read():
        there = w.page.load()
    if there:
        with w.slots_lock:
            with w.srcu.read():
                if w.page.load():
                    w.remove_page()
    with w.srcu.read():
        w.emulate()
