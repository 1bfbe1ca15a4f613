"""The reader picks its side in one step and is counted in another.

feedback: Between its two steps a reader knows its side and is not counted yet. A grace period may begin and end in
  between, and then the reader is counted on a side that nobody looks at. Do both in one step, or do as the kernel
  does: drain the other side before the flip, too.
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
