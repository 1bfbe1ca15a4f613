"""A lock of its own."""


def enable(w):
    with w.usage_lock:
        users = w.users.load() + 1
        w.users.store(users)
        if users == 1:
            w.key.slow_inc()
