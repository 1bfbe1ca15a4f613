"""The chapter's circle, with two mutexes.

misconception: M4
feedback: That is the chapter's circle of locks, and it is as harmless as there: nobody writes. And it has one mutex
  more than you may use.
"""

from kvmlab import SRCU, Mutex, PercpuRwsem


class Small:
    def __init__(self):
        self.mutex = Mutex()
        self.srcu = SRCU()
        self.sem = PercpuRwsem()
        self.kvm_lock = Mutex()


def first(w):
    with w.mutex:
        w.srcu.synchronize()


def second(w):
    with w.srcu.read():
        with w.sem.read():
            pass


def third(w):
    with w.sem.read():
        with w.kvm_lock:
            pass


def fourth(w):
    with w.kvm_lock:
        with w.mutex:
            pass
