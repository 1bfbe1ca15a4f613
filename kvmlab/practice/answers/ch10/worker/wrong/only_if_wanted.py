"""Says that it is done only if it has sampled.

misconception: M9
feedback: If `stop` comes first, the worker leaves without a word, and `stop` waits for a word that nobody will say.
  Whoever waits for an event relies on every way out.
"""


def worker(w):
    with w.lock:
        if not w.running.load():
            return
        w.take_sample()
    w.done.complete()


def stop(w):
    with w.lock:
        w.running.store(False)
    w.done.wait()
    w.free_buffer()
