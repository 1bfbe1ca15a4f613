"""The documented order, with the twin inside."""


def enable(w):
    with w.cpu_hotplug_lock.read():
        with w.kvm_lock:
            w.users.store(w.users.load() + 1)
            if w.users.load() == 1:
                w.key.slow_inc_cpuslocked()
