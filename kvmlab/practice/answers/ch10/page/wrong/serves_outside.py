"""Serves without being a reader.

misconception: M1
feedback: You have left `srcu`, so what `emulate` looks up may go while it looks. Come back as a reader first.
"""


def inhibit(w):
    with w.slots_lock:
        if w.page.load():
            w.remove_page()
    w.emulate()
