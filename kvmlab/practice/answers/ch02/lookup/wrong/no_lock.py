"""Takes no lock.

misconception: M1
feedback: It would do if only one task ran at a time. `sem` guards the cell, not your function: whoever looks into the
  cell, or stores to it, has to be inside.
"""


def lookup(w):
    if w.value.load() is None:
        w.value.store(w.make())
    return w.value.load()
