"""The new lock inside the old one.

misconception: M4
feedback: Raising a key would be harmless if readers never waited. It reads the hotplug lock, and behind a writer it
  waits for a reader, who waits for `kvm_lock`. Another lock helps only if you do not hold `kvm_lock` as well.
"""


def enable(w):
    with w.kvm_lock:
        with w.usage_lock:
            users = w.users.load() + 1
            w.users.store(users)
            if users == 1:
                w.key.slow_inc()
