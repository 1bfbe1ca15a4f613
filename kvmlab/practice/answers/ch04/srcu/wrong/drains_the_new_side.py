"""Waits for the side that it has turned to.

feedback: The flip says who need not be waited for: those who come from now on. Whoever was inside before it is on the
  side that you have left. Keep that side in a variable, flip, and wait until nobody is left on it. It would be right
  without that wait if nobody were ever inside.
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
            self.side = 1 - self.side
            while self.inside[self.side]:
                self.changed.wait()
