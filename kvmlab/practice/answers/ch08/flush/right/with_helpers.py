"""With a context manager of its own."""

from contextlib import contextmanager


@contextmanager
def flushing(w):
    w.flush.acquire()
    yield
    w.flush.release()


def stop(w):
    with w.lock:
        with flushing(w):
            pass
        w.flushed.wait()


def flusher(w):
    with flushing(w), w.log:
        pass
    w.flushed.set()
    with w.lock:
        pass
