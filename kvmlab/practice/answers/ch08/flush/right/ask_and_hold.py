"""Asks before the wait, holds during the work."""


def stop(w):
    with w.lock:
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
