"""Says nothing.

misconception: M8
feedback: Lockdep is silent, and the two tasks can hang. It is told of the lock in the condition, which is given back
  before anybody waits. It would be enough if lockdep knew of all waits; it knows what it is told.
"""

from kvmlab import threading


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
    pass
