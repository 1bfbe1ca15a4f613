"""Nobody writes.

misconception: M4
feedback: Draw the order of the locks and it is a circle. But two readers of the semaphore do not keep each other
  out, so one wait is missing. What makes a reader wait?
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
        with w.sem.read():
            pass


def third(w):
    with w.sem.read():
        with w.mutex:
            pass


def fourth(w):
    with w.sem.read():
        pass
