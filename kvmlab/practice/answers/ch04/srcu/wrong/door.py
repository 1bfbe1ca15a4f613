"""Shuts the door while somebody waits.

misconception: M4
feedback: That is the lock of chapter 2, whose waiting writer stops new readers. There it is right, and there a reader
  may wait. An SRCU reader must never wait to enter: it may be inside already.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.inside = 0
        self.waiting = 0

    def read_lock(self):
        with self.changed:
            while self.waiting:
                self.changed.wait()
            self.inside += 1

    def read_unlock(self, token):
        with self.changed:
            self.inside -= 1
            self.changed.notify_all()

    def synchronize(self):
        with self.changed:
            self.waiting += 1
            while self.inside:
                self.changed.wait()
            self.waiting -= 1
            self.changed.notify_all()
