"""Three philosophers."""

from kvmlab import threading


class Table:
    def __init__(self):
        self.forks = [threading.Lock() for _ in range(3)]


def dine(w, seat):
    mine, other = w.forks[seat], w.forks[(seat + 1) % 3]
    mine.acquire()
    other.acquire()
    mine.release()
    other.release()


def first(w):
    dine(w, 0)


def second(w):
    dine(w, 1)


def third(w):
    dine(w, 2)
