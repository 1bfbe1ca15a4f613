"""Remembers tasks, not sections.

feedback: You keep a list of tasks, and a task may be inside twice. When it leaves the inner section it is struck off,
  and it is still inside. It would be right if sections could not nest.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.inside = set()

    def read_lock(self):
        with self.changed:
            self.inside.add(threading.get_ident())

    def read_unlock(self, token):
        with self.changed:
            self.inside.discard(threading.get_ident())
            self.changed.notify_all()

    def synchronize(self):
        with self.changed:
            old = set(self.inside)
            while old & self.inside:
                self.changed.wait()
