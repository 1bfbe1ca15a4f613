"""A completion in place of srcu.

misconception: M9
feedback: Waiting for an event is a wait like any other, and somebody has to come and end it. Leave that one out,
  and the others hang without any circle. Here three kinds of lock are asked for.
"""

from kvmlab import Completion, Mutex, PercpuRwsem


class Small:
    def __init__(self):
        self.mutex = Mutex()
        self.done = Completion()
        self.sem = PercpuRwsem()


def first(w):
    with w.mutex:
        w.done.wait()


def second(w):
    with w.sem.read():
        pass
    w.done.complete()


def third(w):
    with w.sem.read():
        with w.mutex:
            pass


def fourth(w):
    with w.sem.write():
        pass
