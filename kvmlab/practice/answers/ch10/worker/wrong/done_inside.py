"""Completes while it holds the lock.

misconception: M11
feedback: It would do if `complete` were the end. You still have to unlock, and `stop` may have returned before you
  do: with the driver the lock is gone.
"""


def worker(w):
    with w.lock:
        if w.running.load():
            w.take_sample()
        w.done.complete()


def stop(w):
    with w.lock:
        w.running.store(False)
    w.done.wait()
    w.free_buffer()
