"""Completes before it begins.

misconception: M9
feedback: That ends the wait of `stop`, and the wait is worth nothing: `done` is to say that the work has been done.
"""


def worker(w):
    w.done.complete()
    with w.lock:
        if w.running.load():
            w.take_sample()


def stop(w):
    with w.lock:
        w.running.store(False)
    w.done.wait()
    w.free_buffer()
