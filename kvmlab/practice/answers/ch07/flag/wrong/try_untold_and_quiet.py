"""Speaks only of what take has taken.

misconception: M7
feedback: A try makes no dependency to the flag, so you leave it out. But if it has worked, the flag is held like any
  other, and dependencies lead from it.
"""

from kvmlab import threading
from kvmlab.lockdep import LockdepMap


class Flag:
    def __init__(self):
        self.changed = threading.Condition()
        self.busy = False

    def take(self):
        with self.changed:
            while self.busy:
                self.changed.wait()
            self.busy = True

    def try_take(self):
        with self.changed:
            if self.busy:
                return False
            self.busy = True
            return True

    def give(self):
        with self.changed:
            self.busy = False
            self.changed.notify_all()


class ToldFlag(Flag):
    def __init__(self):
        super().__init__()
        self.dep_map = LockdepMap()

    told = False

    def take(self):
        self.dep_map.acquire()
        super().take()
        self.told = True

    def give(self):
        told, self.told = self.told, False
        super().give()
        if told:
            self.dep_map.release()
