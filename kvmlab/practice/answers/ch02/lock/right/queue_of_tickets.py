"""One queue for all, served in order."""

from collections import deque

from kvmlab import threading


class ReadWriteLock:
    def __init__(self):
        self.lock = threading.Lock()
        self.moved = threading.Condition(self.lock)
        self.queue = deque()
        self.inside = 0  # readers, or -1 for a writer
        self.tickets = 0

    def enter(self, may_enter, change):
        with self.moved:
            ticket = self.tickets
            self.tickets += 1
            self.queue.append(ticket)
            self.moved.wait_for(lambda: self.queue[0] == ticket and may_enter())
            self.queue.popleft()
            self.inside += change
            self.moved.notify_all()

    def leave(self, change):
        with self.moved:
            self.inside += change
            self.moved.notify_all()

    def read_lock(self):
        self.enter(lambda: self.inside >= 0, 1)

    def read_unlock(self):
        self.leave(-1)

    def write_lock(self):
        self.enter(lambda: self.inside == 0, -1)

    def write_unlock(self):
        self.leave(1)
