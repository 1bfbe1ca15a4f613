"""One counter.

feedback: One counter is right if now and then nobody is inside. Busy readers overlap, and then the number never falls
  to zero. Count those who came before apart from those who come later.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.inside = 0

    def read_lock(self):
        with self.changed:
            self.inside += 1

    def read_unlock(self, token):
        with self.changed:
            self.inside -= 1
            if not self.inside:
                self.changed.notify_all()

    def synchronize(self):
        with self.changed:
            while self.inside:
                self.changed.wait()
