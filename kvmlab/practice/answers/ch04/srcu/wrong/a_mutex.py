"""A lock for everybody.

misconception: M4
feedback: A mutex keeps readers and changes apart, and readers from one another as well. That would be right if only
  one reader were ever inside. Readers must not wait, not even for a reader.
"""

from kvmlab import threading


class OwnSRCU:
    def __init__(self):
        self.lock = threading.Lock()

    def read_lock(self):
        self.lock.acquire()

    def read_unlock(self, token):
        self.lock.release()

    def synchronize(self):
        with self.lock:
            pass
