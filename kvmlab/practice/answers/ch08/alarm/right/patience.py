"""One of the two gives up."""

from kvmlab import threading


class World:
    def __init__(self):
        self.a = threading.Lock()
        self.b = threading.Lock()


def one(w):
    with w.a, w.b:
        pass


def two(w):
    with w.b:
        if w.a.acquire(timeout=1):
            w.a.release()
