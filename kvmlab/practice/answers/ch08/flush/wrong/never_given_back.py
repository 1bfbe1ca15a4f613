"""Never gives it back.

feedback: To ask without giving back is to hold it. When the task ends, lockdep says that it still has it.
"""


def stop(w):
    with w.lock:
        w.flush.acquire()
        w.flushed.wait()


def flusher(w):
    w.flush.acquire()
    with w.log:
        pass
    w.flush.release()
    w.flushed.set()
    with w.lock:
        pass
