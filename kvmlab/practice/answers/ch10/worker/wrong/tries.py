"""The worker tries, and gives up.

misconception: M7
feedback: Nobody waits for ever now. But the lock may be taken by somebody who only takes a sample, and then yours
  is skipped, although the sensor runs.
"""


def worker(w):
    if w.lock.trylock():
        if w.running.load():
            w.take_sample()
        w.lock.unlock()
    w.done.complete()


def stop(w):
    with w.lock:
        w.running.store(False)
        w.done.wait()
        w.free_buffer()
