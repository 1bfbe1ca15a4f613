"""Wakes one of those who wait.

feedback: `notify` wakes one who waits. That is enough as long as only one does. Here two may wait for the same
  reader, and the other one sleeps on: `notify_all`.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.changed = threading.Condition()
        self.inside = set()
        self.tickets = 0

    def read_lock(self):
        with self.changed:
            self.tickets += 1
            self.inside.add(self.tickets)
            return self.tickets

    def read_unlock(self, token):
        with self.changed:
            self.inside.remove(token)
            self.changed.notify()

    def synchronize(self):
        with self.changed:
            old = set(self.inside)
            while old & self.inside:
                self.changed.wait()
