"""Takes the twin, so as not to lock.

misconception: M6
feedback: The twin does not wait, since its caller holds the lock already. Yours does not: a CPU may come while the
  code is rewritten.
"""


def enable(w):
    with w.kvm_lock:
        users = w.users.load() + 1
        w.users.store(users)
        if users == 1:
            w.key.slow_inc_cpuslocked()
