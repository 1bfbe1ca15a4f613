"""Frees the buffer, then waits.

misconception: M11
feedback: Until the worker is done it may take its sample, and it needs the buffer for that. First wait, then free.
"""


def worker(w):
    with w.lock:
        if w.running.load():
            w.take_sample()
    w.done.complete()


def stop(w):
    w.free_buffer()
    with w.lock:
        w.running.store(False)
    w.done.wait()
