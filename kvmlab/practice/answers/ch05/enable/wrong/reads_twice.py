"""Takes the hotplug lock outside, and the key takes it again.

misconception: M6
feedback: The order is the documented one. But the key reads the lock once more inside, and a second read behind a
  writer waits for the first. Use the twin.
"""


def enable(w):
    with w.cpu_hotplug_lock.read():
        with w.kvm_lock:
            users = w.users.load() + 1
            w.users.store(users)
            if users == 1:
                w.key.slow_inc()
