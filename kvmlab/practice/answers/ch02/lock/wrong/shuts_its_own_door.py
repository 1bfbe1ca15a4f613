"""The first writer shuts the door, the second finds it shut.

misconception: M4
feedback: This is the lock of the chapter, and right for one writer. The second one stands before a door that the
  first has shut; when that opens, a reader may be quicker. Let every writer who waits count.
"""

from kvmlab import threading


class ReadWriteLock:
    def __init__(self):
        self.changed = threading.Condition()
        self.readers = 0
        self.writer = False

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
            while self.writer:
                self.changed.wait()
            self.writer = True
            while self.readers:
                self.changed.wait()

    def write_unlock(self):
        with self.changed:
            self.writer = False
            self.changed.notify_all()
