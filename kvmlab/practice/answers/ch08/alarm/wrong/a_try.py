"""One of the two tries.

misconception: M7
feedback: A try does not wait, and lockdep knows that as well as you. Of a wait that gives up after a while it does
  not know.
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
    with w.b:
        if w.a.trylock():
            w.a.unlock()
