"""Other names, another order, lock by lock."""

from kvmlab import SRCU, Mutex, PercpuRwsem


class Small:
    def __init__(self):
        self.domains = [PercpuRwsem()]
        self.readers = SRCU()
        self.memory = Mutex()


def first(w):
    w.domains[0].write_lock()
    w.domains[0].write_unlock()


def second(w):
    w.domains[0].read_lock()
    w.memory.lock()
    w.memory.unlock()
    w.domains[0].read_unlock()


def third(w):
    w.memory.lock()
    w.readers.synchronize()
    w.memory.unlock()


def fourth(w):
    side = w.readers.read_lock()
    w.domains[0].read_lock()
    w.domains[0].read_unlock()
    w.readers.read_unlock(side)
