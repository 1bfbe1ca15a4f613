"""Looks whether it is wanted before it asks for the lock."""


def worker(w):
    if w.running.load():
        with w.lock:
            if w.running.load():
                w.take_sample()
    w.done.complete()


def stop(w):
    with w.lock:
        w.running.store(False)
    w.done.wait()
    w.free_buffer()
