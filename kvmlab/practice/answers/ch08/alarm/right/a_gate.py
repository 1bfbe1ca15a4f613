"""Both orders behind a gate."""

from kvmlab import Mutex


class World:
    def __init__(self):
        self.gate = Mutex()
        self.a = Mutex()
        self.b = Mutex()


def one(w):
    with w.gate, w.a, w.b:
        pass


def two(w):
    with w.gate, w.b, w.a:
        pass
