"""One task reads the semaphore twice.

misconception: M5
feedback: A reader who asks for the same semaphore again waits behind the writer, who waits for it: those two are
  stuck without the others.
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
        with w.sem.read():
            with w.mutex:
                pass


def fourth(w):
    with w.sem.write():
        pass
