"""Says it inside the condition.

feedback: Where you say it, the lock of the condition is held. So lockdep sees the flag asked for under that lock, and
  in `give` that lock under the flag: a circle that is none, since `wait` gives the lock back. Say it outside.
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
        with self.changed:
            self.dep_map.acquire()
            while self.busy:
                self.changed.wait()
            self.busy = True

    def try_take(self):
        got = super().try_take()
        if got:
            self.dep_map.acquire(trylock=True)
        return got

    def give(self):
        super().give()
        self.dep_map.release()
