"""With a lock that speaks for itself."""

from kvmlab import threading


class ToldFlag:
    def __init__(self):
        self.lock = threading.Lock()

    def take(self):
        self.lock.acquire()

    def try_take(self):
        return self.lock.acquire(blocking=False)

    def give(self):
        self.lock.release()
