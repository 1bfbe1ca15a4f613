"""One at a time.

misconception: M4
feedback: A mutex keeps its promise to writers, and it would do if readers were few. But two who only read keep each
  other out, and here each of them waits inside for the other.
"""

from kvmlab import threading


class ReadWriteLock:
    def __init__(self):
        self.one = threading.Lock()

    def read_lock(self):
        self.one.acquire()

    def read_unlock(self):
        self.one.release()

    write_lock, write_unlock = read_lock, read_unlock
