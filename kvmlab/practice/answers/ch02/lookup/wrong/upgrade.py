"""Asks to write while it reads.

misconception: M5
feedback: Holding only one lock would be safe if you never asked for it again. The writer waits until all readers have
  left, and you are one of them.
"""


def lookup(w):
    with w.sem.read():
        if w.value.load() is None:
            with w.sem.write():
                w.value.store(w.make())
        return w.value.load()
