"""Does not speak of the try.

misconception: M7
feedback: A try makes no dependency to the flag, so you leave it out. But if it has worked, the flag is held, and what
  is asked for then is asked for under it. (And `give` now gives back what lockdep has never heard of.)
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

    def take(self):
        self.dep_map.acquire()
        super().take()

    def give(self):
        super().give()
        self.dep_map.release()
