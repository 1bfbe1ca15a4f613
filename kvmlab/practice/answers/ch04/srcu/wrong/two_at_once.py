"""Two grace periods at the same time.

feedback: With one `synchronize` at a time this is right. `wait` gives the lock of the condition back, so a second one
  comes in. It flips back, and waits for the side on which nobody is.
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
        with self.changed:
            old = self.side
            self.side = 1 - old
            while self.inside[old]:
                self.changed.wait()
