"""The reader leaves srcu before it asks.

misconception: M10
feedback: `second` asks for the semaphore with empty hands: it has left `srcu`, so no grace period waits for it.
"""

from kvmlab import SRCU, Mutex, PercpuRwsem


class Small:
    def __init__(self):
        self.mutex = Mutex()
        self.srcu = SRCU()
        self.sem = PercpuRwsem()


def first(w):
    with w.mutex:
        w.srcu.synchronize()


def second(w):
    with w.srcu.read():
        pass
    with w.sem.read():
        pass


def third(w):
    with w.sem.read():
        with w.mutex:
            pass


def fourth(w):
    with w.sem.write():
        pass
