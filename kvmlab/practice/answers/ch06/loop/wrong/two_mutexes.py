"""Two mutexes in opposite orders.

misconception: M3
feedback: The first two need nobody else. A deadlock of two locks in opposite orders is the shortest circle, and
  here a longer one is asked for.
"""

from kvmlab import SRCU, Mutex, PercpuRwsem


class Small:
    def __init__(self):
        self.mutex = Mutex()
        self.srcu = SRCU()
        self.sem = PercpuRwsem()
        self.other = Mutex()


def first(w):
    with w.mutex:
        with w.other:
            pass


def second(w):
    with w.other:
        with w.mutex:
            pass


def third(w):
    with w.sem.read():
        with w.mutex:
            pass


def fourth(w):
    with w.sem.write():
        pass
