"""Synchronizes without the mutex.

misconception: M5
feedback: `first` waits for the grace period with no lock in its hands. For a circle, each who waits must keep
  somebody waiting.
"""

from kvmlab import SRCU, Mutex, PercpuRwsem


class Small:
    def __init__(self):
        self.mutex = Mutex()
        self.srcu = SRCU()
        self.sem = PercpuRwsem()


def first(w):
    with w.mutex:
        pass
    w.srcu.synchronize()


def second(w):
    with w.srcu.read():
        with w.sem.read():
            pass


def third(w):
    with w.sem.read():
        with w.mutex:
            pass


def fourth(w):
    with w.sem.write():
        pass
