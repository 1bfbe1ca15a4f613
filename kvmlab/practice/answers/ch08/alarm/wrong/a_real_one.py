"""No gate at all.

feedback: That is no false alarm, it is the deadlock. Begin with it, and add what prevents it, in both tasks: a gate
  would be enough in one of them if the other one were never there.
"""

from kvmlab import Mutex


class World:
    def __init__(self):
        self.a = Mutex()
        self.b = Mutex()


def one(w):
    with w.a, w.b:
        pass


def two(w):
    with w.b, w.a:
        pass
