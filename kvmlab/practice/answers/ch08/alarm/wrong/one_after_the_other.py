"""The second begins when the first is through.

misconception: M2
feedback: With one of each this is a false alarm. When `one` comes twice, the first of them says "ready" while the
  second is still at work, and the alarm was right.
"""

from kvmlab import threading


class World:
    def __init__(self):
        self.a = threading.Lock()
        self.b = threading.Lock()
        self.ready = threading.Event()


def one(w):
    with w.a, w.b:
        pass
    w.ready.set()


def two(w):
    w.ready.wait()
    with w.b, w.a:
        pass
