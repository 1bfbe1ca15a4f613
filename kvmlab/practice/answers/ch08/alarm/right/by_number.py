"""Two of one class, in the order of their numbers."""

from kvmlab import Mutex


class Box:
    def __init__(self, number):
        self.number = number
        self.lock = Mutex()


class World:
    def __init__(self):
        self.boxes = [Box(1), Box(2)]


def both(first, second):
    low, high = sorted((first, second), key=lambda box: box.number)
    with low.lock, high.lock:
        pass


def one(w):
    both(*w.boxes)


def two(w):
    both(*reversed(w.boxes))
