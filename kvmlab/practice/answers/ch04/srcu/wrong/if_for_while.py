"""Looks once after it was woken.

feedback: To be woken means that something has changed, and not that the side is empty: another reader may still be on
  it. Look again: `while`, not `if`. (It would be right if only the last reader of a side notified.)
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
            self.changed.notify_all()

    def synchronize(self):
        with self.one_at_a_time, self.changed:
            old = self.side
            self.side = 1 - old
            if self.inside[old]:
                self.changed.wait()
