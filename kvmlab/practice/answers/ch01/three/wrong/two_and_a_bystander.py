"""Two orders of two locks, and a third task.

misconception: M3
feedback: The first two need no third: they deadlock alone. Give each pair only one lock in common.
"""

from kvmlab import threading


class Table:
    def __init__(self):
        self.a = threading.Lock()
        self.b = threading.Lock()
        self.c = threading.Lock()


def first(w):
    with w.a:
        with w.b:
            pass


def second(w):
    with w.b:
        with w.a:
            pass


def third(w):
    with w.b:
        with w.c:
            pass
