"""Samples without the lock.

misconception: M1
feedback: No lock, no deadlock. But somebody else takes samples, too, and one of two counts is lost: the lock guards
  the count.
"""


def worker(w):
    if w.running.load():
        w.take_sample()
    w.done.complete()


def stop(w):
    with w.lock:
        w.running.store(False)
    w.done.wait()
    w.free_buffer()
