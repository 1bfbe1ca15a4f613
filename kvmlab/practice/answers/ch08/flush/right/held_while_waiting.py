"""Holds it while it waits, and until the flush is announced."""


def stop(w):
    with w.lock:
        w.flush.acquire()
        w.flushed.wait()
        w.flush.release()


def flusher(w):
    w.flush.acquire()
    with w.log:
        pass
    w.flushed.set()
    w.flush.release()
    with w.lock:
        pass
