"""Nobody wakes the one who waits.

feedback: `wait` returns when somebody notifies, and not by itself when the number has changed. The last reader of a
  side must say so.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.one_at_a_time = threading.Lock()
        self.inside = [0, 0]
        self.side = 0

    def read_lock(self):
        with self.changed:
            self.inside[self.side] += 1
            return self.side

    def read_unlock(self, token):
        with self.changed:
            self.inside[token] -= 1

    def synchronize(self):
        with self.one_at_a_time, self.changed:
            old = self.side
            self.side = 1 - old
            while self.inside[old]:
                self.changed.wait()
