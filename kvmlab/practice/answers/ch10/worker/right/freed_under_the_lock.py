"""Waits outside, and takes the lock again to free."""


def worker(w):
    try:
        w.lock.lock()
        wanted = w.running.load()
        if wanted:
            w.take_sample()
        w.lock.unlock()
    finally:
        w.done.complete()


def stop(w):
    w.lock.lock()
    w.running.store(False)
    w.lock.unlock()
    w.done.wait()
    with w.lock:
        w.free_buffer()
