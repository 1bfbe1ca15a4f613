"""Takes the write side always.

misconception: M4
feedback: That is safe, and it would do if lookups were rare. But those who only look now wait for every reader, and
  here a reader waits for one of them.
"""


def lookup(w):
    with w.sem.write():
        if w.value.load() is None:
            w.value.store(w.make())
        return w.value.load()
