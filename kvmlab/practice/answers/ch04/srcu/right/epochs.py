"""A counter for each grace period."""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.epoch = 0
        self.inside = {}

    def read_lock(self):
        with self.changed:
            self.inside[self.epoch] = self.inside.get(self.epoch, 0) + 1
            return self.epoch

    def read_unlock(self, token):
        with self.changed:
            self.inside[token] -= 1
            if not self.inside[token]:
                del self.inside[token]
                self.changed.notify_all()

    def synchronize(self):
        with self.changed:
            mine = self.epoch
            self.epoch += 1
            while any(epoch <= mine for epoch in self.inside):
                self.changed.wait()
