"""Ours, in another wrapping.

feedback: That works, and somebody else has written it. Here you find out what is in it: take the wrapping off, and
  use `threading.Condition`.
"""

from kvmlab import SRCU


class OwnSRCU:
    def __init__(self):
        self.srcu = SRCU()

    def read_lock(self):
        return self.srcu.read_lock()

    def read_unlock(self, token):
        self.srcu.read_unlock(token)

    def synchronize(self):
        self.srcu.synchronize()
