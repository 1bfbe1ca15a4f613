"""Reads the side outside the lock.

misconception: M1
feedback: `self.side` is read without the lock under which it is changed. To read one number in one step would be
  harmless if it were still true when the reader is counted. Take the lock first.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.one_at_a_time = threading.Lock()
        self.inside = [0, 0]
        self.side = 0

    def read_lock(self):
        side = self.side
        with self.changed:
            self.inside[side] += 1
        return side

    def read_unlock(self, token):
        with self.changed:
            self.inside[token] -= 1
            if self.inside[token] == 0:
                self.changed.notify_all()

    def synchronize(self):
        with self.one_at_a_time, self.changed:
            old = self.side
            self.side = 1 - old
            while self.inside[old]:
                self.changed.wait()
