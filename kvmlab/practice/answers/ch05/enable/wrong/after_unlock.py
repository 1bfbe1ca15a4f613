"""Raises the key after it has let go of the lock.

misconception: M10
feedback: The shorter section takes the circle away. But between count and key a second user comes, sees a count of 1,
  and goes to work while the key is off.
"""


def enable(w):
    with w.kvm_lock:
        users = w.users.load() + 1
        w.users.store(users)
    if users == 1:
        w.key.slow_inc()
