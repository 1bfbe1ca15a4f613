"""Holds it to the end.

feedback: Nobody waits any more for what the helper does after `set`. You say that it is still at work when it asks
  for `lock`, and that is a circle which cannot happen: a false alarm.
"""


def stop(w):
    with w.lock:
        w.flush.acquire()
        w.flush.release()
        w.flushed.wait()


def flusher(w):
    w.flush.acquire()
    with w.log:
        pass
    w.flushed.set()
    with w.lock:
        pass
    w.flush.release()
