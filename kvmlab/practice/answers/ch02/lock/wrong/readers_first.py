"""Readers come in whenever no writer is inside.

misconception: M4
feedback: Readers do not keep readers out, so they come in, and each of them keeps the writer waiting. A reader has to
  look for writers who wait, too.
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
            while self.writer:
                self.changed.wait()
            self.readers += 1

    def read_unlock(self):
        with self.changed:
            self.readers -= 1
            self.changed.notify_all()

    def write_lock(self):
        with self.changed:
            self.waiting += 1
            while self.writer or self.readers:
                self.changed.wait()
            self.waiting -= 1
            self.writer = True

    def write_unlock(self):
        with self.changed:
            self.writer = False
            self.changed.notify_all()
