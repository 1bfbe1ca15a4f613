"""One order.

misconception: M6
feedback: They cannot hang, and lockdep agrees. To cry wolf it must see two orders, or one class under itself.
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
    with w.a, w.b:
        pass
