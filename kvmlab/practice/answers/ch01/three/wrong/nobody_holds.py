"""Takes one lock after the other, never two.

misconception: M10
feedback: Each gives one lock back before it asks for the next. Who waits with empty hands keeps nobody waiting.
"""

from kvmlab import threading


class Table:
    def __init__(self):
        self.a = threading.Lock()
        self.b = threading.Lock()
        self.c = threading.Lock()


def first(w):
    with w.a:
        pass
    with w.b:
        pass


def second(w):
    with w.b:
        pass
    with w.c:
        pass


def third(w):
    with w.c:
        pass
    with w.a:
        pass
