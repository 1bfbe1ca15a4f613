"""A lock of its own, but only around the key.

misconception: M1
feedback: Two users may load the same number before one of them stores it. Count and key belong together, and one lock
  must protect both.
"""


def enable(w):
    users = w.users.load() + 1
    w.users.store(users)
    with w.usage_lock:
        if users == 1:
            w.key.slow_inc()
