"""The writer asks for the mutex itself.

misconception: M3
feedback: A writer who holds the semaphore and asks for the mutex closes the circle on its own: three tasks are
  enough. Let the writer want nothing but the semaphore.
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
        pass


def fourth(w):
    with w.sem.write():
        with w.mutex:
            pass
