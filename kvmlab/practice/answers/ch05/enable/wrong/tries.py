"""Tries to read the hotplug lock, and leaves it if it cannot.

misconception: M7
feedback: No wait, so no circle. It would be right if the feature might be left off. Your caller relies on it.
"""


def enable(w):
    with w.kvm_lock:
        users = w.users.load() + 1
        w.users.store(users)
        if users == 1 and w.cpu_hotplug_lock.read_trylock():
            w.key.slow_inc_cpuslocked()
            w.cpu_hotplug_lock.read_unlock()
