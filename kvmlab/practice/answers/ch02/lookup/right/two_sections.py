"""Read, let go, write, look again."""


def lookup(w):
    with w.sem.read():
        value = w.value.load()
    if value is not None:
        return value
    with w.sem.write():
        value = w.value.load()
        if value is None:
            value = w.make()
            w.value.store(value)
        return value
