"""Waits after the lock.

feedback: That is the right cure for the program, if whoever stops it may let go of the lock first. Here the question
  was how lockdep can find out.
"""


def stop(w):
    with w.lock:
        pass
    w.flush.acquire()
    w.flush.release()
    w.flushed.wait()


def flusher(w):
    w.flush.acquire()
    with w.log:
        pass
    w.flush.release()
    w.flushed.set()
    with w.lock:
        pass
