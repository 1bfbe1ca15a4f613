"""Asks again and again.

misconception: M7
feedback: A loop that asks again waits, with the CPU busy and, here, with nobody else able to change anything. Let a
  `Condition` wait.
"""

from kvmlab import threading


class ReadWriteLock:
    def __init__(self):
        self.mutex = threading.Lock()
        self.readers = 0
        self.writer = False
        self.waiting = 0

    def enter(self, is_free, change):
        while True:
            with self.mutex:
                if is_free():
                    change()
                    return

    def read_lock(self):
        def change():
            self.readers += 1

        self.enter(lambda: not self.writer and not self.waiting, change)

    def read_unlock(self):
        with self.mutex:
            self.readers -= 1

    def write_lock(self):
        def change():
            self.waiting -= 1
            self.writer = True

        with self.mutex:
            self.waiting += 1
        self.enter(lambda: not self.writer and not self.readers, change)

    def write_unlock(self):
        with self.mutex:
            self.writer = False
