"""Two readers.

misconception: M4
feedback: The forty lines of chapter 7 would fall for it. The real one knows that an SRCU reader waits for nobody to
  enter.
"""

from kvmlab import SRCU, Mutex


class World:
    def __init__(self):
        self.a = Mutex()
        self.srcu = SRCU()


def one(w):
    with w.a, w.srcu.read():
        pass


def two(w):
    with w.srcu.read(), w.a:
        pass
