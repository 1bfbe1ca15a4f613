"""A turnstile that the writer holds while it waits.

misconception: M4
feedback: With one writer this is right: it holds the turnstile while it waits, and nobody passes. A second writer
  stands before the turnstile like everybody else. A `Lock` keeps no queue, so a reader who comes later may be
  quicker. Count the writers who wait.
"""

from kvmlab import threading


class ReadWriteLock:
    def __init__(self):
        self.turnstile = threading.Lock()
        self.empty = threading.Condition()
        self.readers = 0

    def read_lock(self):
        with self.turnstile:
            with self.empty:
                self.readers += 1

    def read_unlock(self):
        with self.empty:
            self.readers -= 1
            if self.readers == 0:
                self.empty.notify()

    def write_lock(self):
        self.turnstile.acquire()
        with self.empty:
            while self.readers:
                self.empty.wait()

    def write_unlock(self):
        self.turnstile.release()
