"""Says it after the wait.

misconception: M2
feedback: As long as the wait ends, lockdep hears the same, only later. In a deadlock it does not end, and then
  lockdep never hears who asked for what. Say it before you wait.
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
        super().take()
        self.dep_map.acquire()

    def try_take(self):
        got = super().try_take()
        if got:
            self.dep_map.acquire(trylock=True)
        return got

    def give(self):
        super().give()
        self.dep_map.release()
