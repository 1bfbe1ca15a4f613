"""Reads it once more before it gives back the write side.

misconception: M5
feedback: It would be right if the writer could come in as a reader, too. This lock does not look who asks: the door
  is shut for everybody, also for the one who has shut it.
"""


def lookup(w):
    with w.sem.read():
        value = w.value.load()
    if value is not None:
        return value
    with w.sem.write():
        if w.value.load() is None:
            w.value.store(w.make())
        with w.sem.read():
            return w.value.load()
