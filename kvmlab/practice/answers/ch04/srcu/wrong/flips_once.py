"""Never flips back.

feedback: The first grace period is right. From then on readers count on side 1, and you go on waiting for side 0.
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
            if self.inside[token] == 0:
                self.changed.notify_all()

    def synchronize(self):
        with self.one_at_a_time, self.changed:
            self.side = 1
            while self.inside[0]:
                self.changed.wait()
