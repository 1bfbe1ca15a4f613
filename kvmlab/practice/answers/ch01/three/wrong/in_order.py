"""All in one order.

misconception: M6
feedback: All three take the locks in one order, a before b before c. That is just what rules every circle out.
"""

from kvmlab import threading


class Table:
    def __init__(self):
        self.a = threading.Lock()
        self.b = threading.Lock()
        self.c = threading.Lock()


def first(w):
    with w.a:
        with w.b:
            pass


def second(w):
    with w.b:
        with w.c:
            pass


def third(w):
    with w.a:
        with w.c:
            pass
