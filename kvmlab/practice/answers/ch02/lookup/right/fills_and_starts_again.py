"""Fills it if it is missing, and reads again from the start."""


def fill(w):
    w.sem.write_lock()
    try:
        if w.value.load() is None:
            w.value.store(w.make())
    finally:
        w.sem.write_unlock()


def lookup(w):
    while True:
        w.sem.read_lock()
        value = w.value.load()
        w.sem.read_unlock()
        if value is not None:
            return value
        fill(w)
