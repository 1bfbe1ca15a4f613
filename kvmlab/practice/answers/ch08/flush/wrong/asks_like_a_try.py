"""Asks like a try.

misconception: M9
feedback: Now there is an arrow out of the flush and none into it. The wait itself is what lockdep has to hear of:
  `stop` asks for the pseudo-lock before it waits. It asks as for a lock; a try makes no arrow.
"""


def stop(w):
    with w.lock:
        w.flush.acquire(trylock=True)
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
