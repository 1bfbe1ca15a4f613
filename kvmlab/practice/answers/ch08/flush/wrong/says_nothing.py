"""Says nothing.

misconception: M8
feedback: Lockdep sees a single arrow, from `log` to `lock`, and is silent. It would be enough if there were nothing
  to wait for but locks.
"""


def stop(w):
    with w.lock:
        w.flushed.wait()


def flusher(w):
    with w.log:
        pass
    w.flushed.set()
    with w.lock:
        pass
