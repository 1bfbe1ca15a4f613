"""Changes its numbers outside of the condition.

misconception: M1
feedback: The numbers are data that all tasks share, so they need a lock like any others. Change them inside `with
  self.changed`.
"""

from kvmlab import threading


class ReadWriteLock:
    def __init__(self):
        self.changed = threading.Condition()
        self.readers = 0
        self.writer = False
        self.waiting = 0

    def read_lock(self):
        with self.changed:
            while self.writer or self.waiting:
                self.changed.wait()
        self.readers += 1

    def read_unlock(self):
        self.readers -= 1
        with self.changed:
            self.changed.notify_all()

    def write_lock(self):
        self.waiting += 1
        with self.changed:
            while self.writer or self.readers:
                self.changed.wait()
        self.waiting -= 1
        self.writer = True

    def write_unlock(self):
        self.writer = False
        with self.changed:
            self.changed.notify_all()
