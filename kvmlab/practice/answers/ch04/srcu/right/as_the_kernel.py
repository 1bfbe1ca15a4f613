"""Drain, flip, drain, with a reader of two steps."""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.one_at_a_time = threading.Lock()
        self.inside = [0, 0]
        self.side = 0

    def read_lock(self):
        with self.changed:
            side = self.side
        with self.changed:
            self.inside[side] += 1
        return side

    def read_unlock(self, token):
        with self.changed:
            self.inside[token] -= 1
            self.changed.notify_all()

    def drain(self, side):
        with self.changed:
            while self.inside[side]:
                self.changed.wait()

    def synchronize(self):
        with self.one_at_a_time:
            self.drain(1 - self.side)
            with self.changed:
                self.side = 1 - self.side
            self.drain(1 - self.side)
