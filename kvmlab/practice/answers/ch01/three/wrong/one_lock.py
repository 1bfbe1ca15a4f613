"""One lock for all.

misconception: M5
feedback: With one lock each, a task waits with empty hands, and whoever has the lock can go on. For a circle each
  must hold something while it waits.
"""

from kvmlab import threading


class Table:
    def __init__(self):
        self.a = threading.Lock()


def first(w):
    with w.a:
        pass


def second(w):
    with w.a:
        pass


def third(w):
    with w.a:
        pass
