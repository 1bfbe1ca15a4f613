"""The worker tries until it has the lock.

misconception: M7
feedback: To try for ever is to wait, and it burns a CPU. Whoever has the lock may keep it for long, and here `stop`
  keeps the lock until you are done, and you are not done until you have had it.
"""


def worker(w):
    while not w.lock.trylock():
        pass
    if w.running.load():
        w.take_sample()
    w.lock.unlock()
    w.done.complete()


def stop(w):
    with w.lock:
        w.running.store(False)
        w.done.wait()
        w.free_buffer()
