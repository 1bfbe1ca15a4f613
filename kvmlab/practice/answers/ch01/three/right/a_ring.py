"""Each takes its lock, then the next one's."""

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
        with w.c:
            pass


def third(w):
    with w.c:
        with w.a:
            pass
