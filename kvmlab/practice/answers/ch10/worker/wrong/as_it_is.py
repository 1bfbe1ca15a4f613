"""As it is.

misconception: M9
feedback: This would be right if waiting for an event were no wait. `stop` waits for `done` with the lock in its
  hands, and the worker needs that lock before it can complete `done`.
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
