"""Tries to read inside the write side until it works.

misconception: M7
feedback: Trying does not wait in the lock, but it waits. The door opens when you open it, and you are in a loop
  before it.
"""


def lookup(w):
    with w.sem.write():
        if w.value.load() is None:
            w.value.store(w.make())
        while not w.sem.read_trylock():
            pass
    value = w.value.load()
    w.sem.read_unlock()
    return value
