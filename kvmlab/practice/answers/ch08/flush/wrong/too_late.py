"""Says it after the wait.

misconception: M2
feedback: If the wait ends, lockdep hears of it, only later. When the three hang it never does. In the kernel a
  request is announced before the wait.
"""


def stop(w):
    with w.lock:
        w.flushed.wait()
        w.flush.acquire()
        w.flush.release()


def flusher(w):
    w.flush.acquire()
    with w.log:
        pass
    w.flush.release()
    w.flushed.set()
    with w.lock:
        pass
