"""Does the work without slots_lock.

misconception: M1
feedback: The rule says what you must not hold when you take `slots_lock`, not that you can do without it. `zap` needs
  it: it protects the page tables that you throw away.
"""


def walk(w):
    with w.kvm_lock:
        for vm in w.vm_list.each():
            w.zap(vm)
