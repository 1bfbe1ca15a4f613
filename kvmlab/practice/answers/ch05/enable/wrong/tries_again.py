"""Tries to read the hotplug lock until it can.

misconception: M7
feedback: Trying until it works is waiting. You hold `kvm_lock` meanwhile, so the reader whom the writer waits for
  never leaves.
"""


def enable(w):
    with w.kvm_lock:
        users = w.users.load() + 1
        w.users.store(users)
        if users == 1:
            while not w.cpu_hotplug_lock.read_trylock():
                pass
            w.key.slow_inc_cpuslocked()
            w.cpu_hotplug_lock.read_unlock()
