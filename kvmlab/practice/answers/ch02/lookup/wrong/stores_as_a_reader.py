"""Stores the value as a reader.

misconception: M1
feedback: A lock held for reading is enough for those who only read. It keeps out no other reader, so the value
  changes under the eyes of somebody who relies on it.
"""


def lookup(w):
    with w.sem.read():
        if w.value.load() is None:
            w.value.store(w.make())
        return w.value.load()
