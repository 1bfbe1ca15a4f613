"""A task that makes a circle by itself.

misconception: M3
feedback: Alone it cannot hang, and lockdep reports it. But whoever makes both arrows needs only a second one of its
  kind.
"""

from kvmlab import Mutex


class World:
    def __init__(self):
        self.a = Mutex()
        self.b = Mutex()


def one(w):
    with w.a, w.b:
        pass
    with w.b, w.a:
        pass


def two(w):
    with w.a:
        pass
