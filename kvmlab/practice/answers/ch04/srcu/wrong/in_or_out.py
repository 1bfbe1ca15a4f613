"""A side knows only whether somebody is on it.

feedback: A flag is right as long as a side has one reader. With two, the first one to leave takes the flag down for
  both. Count them.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.one_at_a_time = threading.Lock()
        self.inside = [False, False]
        self.side = 0

    def read_lock(self):
        with self.changed:
            self.inside[self.side] = True
            return self.side

    def read_unlock(self, token):
        with self.changed:
            self.inside[token] = False
            self.changed.notify_all()

    def synchronize(self):
        with self.one_at_a_time, self.changed:
            old = self.side
            self.side = 1 - old
            while self.inside[old]:
                self.changed.wait()
