"""One task takes its own lock twice.

feedback: A task that waits for itself is a circle of one. It is stuck in every pair, too.
"""

from kvmlab import threading


class Table:
    def __init__(self):
        self.a = threading.Lock()
        self.b = threading.Lock()
        self.c = threading.Lock()


def first(w):
    with w.a:
        with w.a:
            pass


def second(w):
    with w.b:
        with w.c:
            pass


def third(w):
    with w.c:
        with w.a:
            pass
