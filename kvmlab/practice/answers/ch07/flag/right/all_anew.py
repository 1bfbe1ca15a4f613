"""Written anew, with the words in between."""

from kvmlab import threading
from kvmlab.lockdep import LockdepMap


class ToldFlag:
    def __init__(self):
        self.dep_map = LockdepMap("mutex")
        self.changed = threading.Condition(threading.Lock())
        self.owner = None

    def take(self):
        self.dep_map.acquire()
        with self.changed:
            self.changed.wait_for(lambda: self.owner is None)
            self.owner = threading.get_ident()

    def try_take(self):
        with self.changed:
            free = self.owner is None
            if free:
                self.owner = threading.get_ident()
                self.dep_map.acquire(trylock=True)
        return free

    def give(self):
        self.dep_map.release()
        with self.changed:
            self.owner = None
            self.changed.notify()
