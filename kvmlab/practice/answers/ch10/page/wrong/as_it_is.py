"""As it is.

misconception: M5
feedback: A task alone would be safe if it never waited for itself. `remove_page` waits for all who are inside
  `srcu`, and you are.
"""


def inhibit(w):
    with w.srcu.read():
        if w.page.load():
            with w.slots_lock:
                w.remove_page()
        w.emulate()
