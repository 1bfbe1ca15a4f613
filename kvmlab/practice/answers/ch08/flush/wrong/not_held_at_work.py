"""Takes it and gives it back before the work.

misconception: M9
feedback: Now there is an arrow into the flush and none out of it. The helper is what is waited for: it must hold the
  pseudo-lock while it asks for what it needs. A lock that nobody holds is never on a circle.
"""


def stop(w):
    with w.lock:
        w.flush.acquire()
        w.flush.release()
        w.flushed.wait()


def flusher(w):
    w.flush.acquire()
    w.flush.release()
    with w.log:
        pass
    w.flushed.set()
    with w.lock:
        pass
