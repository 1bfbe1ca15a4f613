"""Lets go, and does not look again.

misconception: M10
feedback: This would be right if nothing happened between the two sections. Short sections take the deadlock away, and
  they let others in: what you saw in the first may be old in the second.
"""


def lookup(w):
    with w.sem.read():
        value = w.value.load()
    if value is None:
        with w.sem.write():
            value = w.make()
            w.value.store(value)
    return value
