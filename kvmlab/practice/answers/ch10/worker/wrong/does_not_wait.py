"""Frees under the lock, and does not wait.

misconception: M11
feedback: No sample is taken any more, so for the buffer this would do. But `stop` returns while the worker may
  still be on its way to the lock, and then the driver is gone.
"""


def worker(w):
    with w.lock:
        if w.running.load():
            w.take_sample()
    w.done.complete()


def stop(w):
    with w.lock:
        w.running.store(False)
        w.free_buffer()
