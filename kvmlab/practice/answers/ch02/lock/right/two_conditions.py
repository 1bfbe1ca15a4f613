"""One lock with a condition for each kind."""

from kvmlab import threading


class ReadWriteLock:
    def __init__(self):
        self.lock = threading.Lock()
        self.for_readers = threading.Condition(self.lock)
        self.for_writers = threading.Condition(self.lock)
        self.inside = 0  # readers, or -1 for a writer
        self.writers = 0  # inside or waiting

    def read_lock(self):
        with self.lock:
            self.for_readers.wait_for(lambda: self.writers == 0)
            self.inside += 1

    def read_unlock(self):
        with self.lock:
            self.inside -= 1
            if self.inside == 0:
                self.for_writers.notify()

    def write_lock(self):
        with self.lock:
            self.writers += 1
            self.for_writers.wait_for(lambda: self.inside == 0)
            self.inside = -1

    def write_unlock(self):
        with self.lock:
            self.inside = 0
            self.writers -= 1
            if self.writers:
                self.for_writers.notify()
            else:
                self.for_readers.notify_all()
