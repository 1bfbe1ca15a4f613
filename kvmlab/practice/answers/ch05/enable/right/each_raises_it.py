"""Each user raises the key, before it is counted."""


def enable(w):
    w.key.slow_inc()
    w.kvm_lock.lock()
    w.users.store(w.users.load() + 1)
    w.kvm_lock.unlock()
